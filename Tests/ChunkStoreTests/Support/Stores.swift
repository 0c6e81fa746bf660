import Crypto
import Posix
import Storage
import TestSupport

@testable import ChunkStore

extension Secret {
    convenience init(copying bytes: [UInt8]) {
        self.init(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    }
}

extension StoreOptions {
    /// The least memory, two processors, a catalog that goes with the store.
    static func small(compression: CompressionLevel = .automatic) -> StoreOptions {
        var options = StoreOptions.small(cache: nil)
        options.compression = compression
        return options
    }
}

extension EncryptionMode {
    static let allCases: [EncryptionMode] = [.none, .aes256GCM]

    /// What a test store of this mode is opened with.
    var credentials: [Credential] { self == .none ? [] : [TestKey.file(1)] }
}

/// Makes a store, in memory unless another place is given.
func makeStore(
    _ storage: any Storage = MemoryStorage(), mode: EncryptionMode = .aes256GCM, like other: Store? = nil,
    options: StoreOptions = .small()
) throws -> Store {
    try Store.create(in: storage, encryption: mode, credentials: mode.credentials, like: other, options: options)
}

/// Opens what `makeStore` made.
func openStore(
    _ storage: any Storage, mode: EncryptionMode = .aes256GCM, options: StoreOptions = .small()
) throws -> Store {
    try Store.open(storage, credentials: mode.credentials, options: options)
}

extension Store {
    /// Puts chunks in a session of their own, durably.
    @discardableResult
    func put(_ chunks: [[UInt8]], as kind: ChunkKind = .data) throws -> [ChunkID] {
        let session = try write(for: "test")
        defer { session.close() }
        let ids = try chunks.map { try session.put($0, as: kind) }
        try session.flush()
        return ids
    }

    /// Gets one chunk through a reader of its own.
    func get(_ id: ChunkID) throws -> [UInt8] {
        let reader = try reader()
        defer { reader.close() }
        return try reader.get(id)
    }

    /// Every pack that lies in the repository, with its directory.
    func directories() throws -> [(name: PackName, bytes: UInt64, directory: PackDirectory)] {
        try repository.storage.list(PackName.root, recursive: true).sorted { $0.name < $1.name }.compactMap { file in
            guard let name = PackName(path: file.name) else { return nil }
            return (name, file.size, try repository.pack(name).directory(packBytes: file.size))
        }
    }

    /// How often each chunk is stored, by all directories.
    func copies(of kind: ChunkKind = .data) throws -> [ChunkID: Int] {
        var copies: [ChunkID: Int] = [:]
        for (_, _, directory) in try directories() {
            for block in directory.blocks where block.kind == kind {
                for chunk in block.chunks { copies[chunk.id, default: 0] += 1 }
            }
        }
        return copies
    }
}

extension WriteSession {
    /// Puts bytes as a stream, handed over in pieces of one size; returns its chunks.
    func putStream(
        _ bytes: [UInt8], split: Int = .max, near key: OrderKey = .none
    ) throws -> [ChunkReference] {
        var chunks: [ChunkReference] = []
        let stream = try stream(near: key) { chunks.append($0) }
        var offset = 0
        while offset < bytes.count {
            let end = offset + min(split, bytes.count - offset)
            try stream.write(Array(bytes[offset..<end]))
            offset = end
        }
        try stream.finish()
        return chunks
    }
}

extension ChunkReader {
    /// The bytes of a stream.
    func get(_ chunks: [ChunkReference]) throws -> [UInt8] {
        try chunks.flatMap { try get($0.id) }
    }
}

extension ChunkID {
    init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes { ChunkID(of: $0) } }
}

extension Storage {
    /// A whole file.
    func file(_ name: String) throws -> [UInt8] { try read(name, limit: 1 << 30) }

    /// Puts other bytes under a name.
    func overwrite(_ name: String, _ bytes: [UInt8]) throws {
        try? remove(name)
        try write(bytes, as: name, temporaryName: "tmp/overwriting")
    }

    /// Changes one byte of a file.
    func flip(_ name: String, at offset: Int, by mask: UInt8 = 0x40) throws {
        var bytes = try file(name)
        bytes[offset] ^= mask
        try overwrite(name, bytes)
    }

    /// The names of all files below a folder, sorted.
    func names(below folder: String) throws -> [String] { try list(folder, recursive: true).map(\.name).sorted() }

    /// The names of all packs.
    func packs() throws -> [PackName] { try names(below: PackName.root).compactMap { PackName(path: $0) } }
}
