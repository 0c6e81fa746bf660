import Crypto
import Posix
import Storage
import TestSupport

@testable import ChunkStore

/// A store whose trees are lists of references, 33 bytes each: kind, then id.
struct PruneScene {
    let storage: any Storage
    let store: Store
    let mode: EncryptionMode
    var random: SplitMix64

    init(_ storage: any Storage = MemoryStorage(), mode: EncryptionMode = .aes256GCM, seed: UInt64 = 1) throws {
        self.storage = storage
        self.mode = mode
        store = try makeStore(storage, mode: mode)
        random = SplitMix64(seed: seed)
    }

    /// Bytes that nothing else has.
    mutating func chunk(_ count: Int = 20_000) -> [UInt8] { random.bytes(count) }

    /// Stores chunks and a tree that names them, in a session of their own, and commits a root; returns its id.
    @discardableResult
    func commit(_ name: String, _ chunks: [[UInt8]]) throws -> String {
        let session = try store.write(for: "test")
        defer { session.close() }
        return try Self.commit(name, chunks, in: session)
    }

    @discardableResult
    static func commit(_ name: String, _ chunks: [[UInt8]], in session: WriteSession) throws -> String {
        let ids = try chunks.map { try session.put($0) }
        let tree = try session.put(ids.flatMap { [UInt8(0)] + $0.digest.bytes }, as: .tree)
        return try session.commit(Array(name.utf8), references: [RootReference(kind: .tree, id: tree)]).id
    }

    /// Tells what a root of this scene needs.
    static func reach(_ root: Root, _ marks: Marks) throws(StoreError) {
        for reference in root.references { try reach(reference, marks) }
    }

    private static func reach(_ reference: RootReference, _ marks: Marks) throws(StoreError) {
        guard try marks.need(reference.id, reference.kind), reference.kind == .tree else { return }
        let bytes = try marks.reader.get(reference.id)
        for start in stride(from: 0, to: bytes.count, by: 33) {
            guard let kind = ChunkKind(rawValue: bytes[start]),
                let digest = Array(bytes[start + 1..<start + 33]).withUnsafeBytes({ SHA256Digest(bytes: $0) })
            else { continue }
            try reach(RootReference(kind: kind, id: ChunkID(digest)), marks)
        }
    }

    /// Prunes as if the grace of everything forgotten were over.
    @discardableResult
    func prune(_ change: (inout PruneRequest) -> Void = { _ in }) throws -> PruneOutcome {
        var request = PruneRequest()
        request.maxUnused = .bytes(0)
        request.isGraceOver = true
        change(&request)
        return try store.prune(request, reach: Self.reach)
    }

    /// Whether every chunk can be read, through a store that knows nothing yet.
    func holds(_ chunks: [[UInt8]]) throws -> Bool {
        let store = try openStore(storage, mode: mode)
        let reader = try store.reader()
        defer { reader.close() }
        return chunks.allSatisfy { (try? reader.get(ChunkID(of: $0))) == $0 }
    }

    /// How many of the chunks lie in packs that count.
    func stored(_ chunks: [[UInt8]]) throws -> Int {
        let copies = try openStore(storage, mode: mode).copies()
        return chunks.count { copies[ChunkID(of: $0)] != nil }
    }

    var condemned: [String] { get throws { try storage.names(below: "condemned").filter { $0 != "condemned/lock" } } }
}
