internal import Bytes
public import ChunkStore
public import Posix
public import Storage

/// Key files that come again in every run.
public enum TestKey {
    /// The key file of a number. Key files are not stretched, so they cost no time.
    public static func file(_ number: UInt8) -> Credential {
        let digits = Hex.encode([UInt8](repeating: number, count: 32))
        guard let credential = KeyFileText.parse(Array("cairn-key-1 \(digits)\n".utf8)) else {
            preconditionFailure("a key file of 64 digits is one")
        }
        return credential
    }
}

/// A repository for one test, with a cache of its own; both go when it does.
public final class TestRepository: Sendable {
    /// Where a repository lies.
    public enum Place: Sendable {
        /// In this process's memory.
        case memory
        /// In a temporary folder.
        case folder
    }

    /// The repository's storage.
    public let storage: any Storage
    /// What opens it; nothing where it is not encrypted.
    public let credentials: [Credential]
    private let folder: TemporaryFolder?
    private let cache: TemporaryFolder

    /// Makes a repository that opens with ``TestKey/file(_:)`` 1, or one that is not encrypted.
    public init(_ place: Place = .memory, encrypted: Bool = true) throws {
        cache = try TemporaryFolder()
        credentials = encrypted ? [TestKey.file(1)] : []
        switch place {
        case .memory:
            folder = nil
            storage = MemoryStorage()
        case .folder:
            let folder = try TemporaryFolder()
            self.folder = folder
            storage = try LocalDirectory(folder.path)
        }
        _ = try Store.create(
            in: storage, encryption: encrypted ? .aes256GCM : .none, credentials: credentials, options: options)
    }

    /// The folder of the repository; nil where it lies in memory.
    public var path: Path? { folder?.path }

    /// The folder that keeps its catalogs.
    public var cachePath: Path { cache.path }

    /// Little memory, two processors, the cache of its own.
    public var options: StoreOptions { .small(cache: cache.path) }

    /// Opens it.
    public func open() throws(StoreError) -> Store {
        try Store.open(storage, credentials: credentials, options: options)
    }
}

extension StoreOptions {
    /// The least memory, two processors, a cache in this folder.
    public static func small(cache: Path?) -> StoreOptions {
        StoreOptions(cacheFolder: cache, memoryBytes: 64 << 20, jobs: 2)
    }
}
