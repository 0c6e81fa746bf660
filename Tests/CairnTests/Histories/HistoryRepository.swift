import Cairn
import Crypto
import Posix
import Storage
import TestSupport

@testable import ChunkStore

/// The repository of a history. A seed decides all about it that could matter and that chance decides elsewhere: where chunks are cut, whether it is encrypted, where
/// it lies, and how small its blocks are.
final class HistoryRepository {
    let storage: any Storage
    let credentials: [Credential]
    let description: String
    private let folder: TemporaryFolder?
    private let cache: TemporaryFolder
    /// A cache of an earlier time, to be put back as if its disk had been restored.
    private var oldCache: TemporaryFolder?
    private var tuning = StoreTuning()
    private var opened: Store?

    init(_ chance: inout SplitMix64) throws {
        cache = try TemporaryFolder()
        let isEncrypted = chance.number(below: 3) > 0
        folder = chance.number(below: 2) == 0 ? try TemporaryFolder() : nil
        if chance.number(below: 3) == 0 {
            tuning.blockBytes = 512 << 10
            tuning.windowBytes = 1 << 20
        }
        credentials = isEncrypted ? [TestKey.file(1)] : []
        storage = try folder.map { try LocalDirectory($0.path) } ?? MemoryStorage()
        description =
            "\(isEncrypted ? "encrypted" : "not encrypted"), in \(folder == nil ? "memory" : "a folder")"
            + "\(tuning.blockBytes == nil ? "" : ", small blocks")"
        let secret = chance.bytes(32)
        _ = try Store.create(
            in: storage, encryption: isEncrypted ? .aes256GCM : .none, credentials: credentials,
            like: try Self.pattern(secret), options: options(memoryBytes: 64 << 20))
        try open(memoryBytes: 64 << 20)
    }

    /// A store from which another one can take how chunks are cut.
    private static func pattern(_ secret: [UInt8]) throws -> Store {
        let clear = ConfigClear(id: try .random(), made: 0, mode: .none)
        let content = ConfigContent(
            mode: .none, chunkerSecret: secret.withUnsafeBytes { Secret(copying: $0) }, profile: StoreTuning().profile)
        let record = try Record(
            Header(.config, envelope: .plain, kind: 0), clear: clear.encoded, content: content.encoded,
            repository: clear.id, inputKey: nil)
        let storage = MemoryStorage()
        try storage.write(record.encoded, as: Repository.configName, temporaryName: "tmp/config")
        return try Store.open(storage, options: .small(cache: nil))
    }

    private func options(memoryBytes: Int, cache: Path? = nil) -> StoreOptions {
        var options = StoreOptions(cacheFolder: cache, memoryBytes: memoryBytes, jobs: 2)
        options.tuning = tuning
        return options
    }

    // MARK: Opening

    var store: Store {
        guard let opened else { preconditionFailure("the repository is open but while its cache is changed") }
        return opened
    }

    /// Opens it anew, as the next run of a program does.
    func open(memoryBytes: Int) throws {
        opened = nil
        opened = try Store.open(
            storage, credentials: credentials, options: options(memoryBytes: memoryBytes, cache: cache.path))
    }

    /// Another store of the same repository, with nothing but what the repository holds.
    func openWithoutCache() throws -> Store {
        try Store.open(storage, credentials: credentials, options: options(memoryBytes: 64 << 20))
    }

    // MARK: The cache

    /// Removes files of the cache whose names begin so; with no beginning, all of it.
    func clearCache(_ beginning: String? = nil, reopeningWith memoryBytes: Int) throws {
        let place = try closeForCache()
        if let beginning {
            for entry in try Folder.entries(of: place) where entry.name.starts(with: beginning.utf8) {
                try Folder.remove(place.appending(Path(entry.name)))
            }
        } else {
            for entry in try Folder.entries(of: cache.path) {
                TemporaryFolder.removeAll(cache.path.appending(Path(entry.name)))
            }
        }
        try open(memoryBytes: memoryBytes)
    }

    /// Remembers the cache as it is now.
    func rememberCache(reopeningWith memoryBytes: Int) throws {
        let place = try closeForCache()
        let copy = try TemporaryFolder()
        try Self.copyFiles(from: place, to: copy.path)
        oldCache = copy
        try open(memoryBytes: memoryBytes)
    }

    /// Puts the cache back as it was when it was remembered last; false if it never was.
    func bringBackCache(reopeningWith memoryBytes: Int) throws -> Bool {
        guard let oldCache else { return false }
        let place = try closeForCache()
        for entry in try Folder.entries(of: place) { try Folder.remove(place.appending(Path(entry.name))) }
        try Self.copyFiles(from: oldCache.path, to: place)
        try open(memoryBytes: memoryBytes)
        return true
    }

    /// Closes the store; the folder in which its cache is.
    private func closeForCache() throws -> Path {
        guard let place = try store.cacheFolder() else { preconditionFailure("the store was opened with a cache") }
        opened = nil
        // Nothing may have been written since all of it was removed.
        try Folder.makeAll(place)
        return place
    }

    private static func copyFiles(from folder: Path, to other: Path) throws {
        for entry in try Folder.entries(of: folder) {
            let name = Path(entry.name)
            try SmallFile.writeNew(other.appending(name), SmallFile.read(folder.appending(name), limit: 1 << 30))
        }
    }
}
