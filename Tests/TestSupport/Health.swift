public import ChunkStore
internal import Crypto
internal import Posix
public import Storage

/// All that is wrong with a repository.
public struct Unhealthy: Error, CustomStringConvertible {
    /// A sentence each.
    public let problems: [String]

    /// The sentences, one a line.
    public var description: String {
        "the repository is not healthy:\n  " + problems.prefix(12).joined(separator: "\n  ")
            + (problems.count > 12 ? "\n  and \(problems.count - 12) more" : "")
    }
}

/// What a healthy repository holds.
public struct Health: Sendable {
    /// All roots, oldest first.
    public var roots: [Root] = []
    /// How many different chunks there are.
    public var chunks = 0
    /// Chunks that are stored more than once as the same kind.
    public var duplicates = 0
    /// How many packs there are.
    public var packs = 0
}

/// Opens a repository with an empty cache and reads all of it: every byte of every pack against the pack's name, every chunk
/// against its id, every root and whatever it references (``TestTree`` chunks are followed). Throws ``Unhealthy`` with all that
/// is wrong; also where one of the roots `expected` is not there.
@discardableResult
public func expectHealthy(
    _ storage: any Storage, credentials: [Credential], roots expected: some Sequence<String> = []
) throws -> Health {
    let cache = try TemporaryFolder()
    let store = try Store.open(storage, credentials: credentials, options: .small(cache: cache.path))
    var examination = Examination(store: store, storage: storage)
    try examination.examine(expected: Set(expected))
    if !examination.problems.isEmpty { throw Unhealthy(problems: examination.problems) }
    return examination.health
}

/// The same for a test's own repository.
@discardableResult
public func expectHealthy(_ repository: TestRepository, roots expected: some Sequence<String> = []) throws -> Health {
    try expectHealthy(repository.storage, credentials: repository.credentials, roots: expected)
}

private struct Examination {
    let store: Store
    let storage: any Storage
    var problems: [String] = []
    var health = Health()
    private var known: [RootReference: Int] = [:]

    init(store: Store, storage: any Storage) {
        self.store = store
        self.storage = storage
    }

    mutating func examine(expected: Set<String>) throws {
        problems += store.warnings.map { "on opening: \($0)" }
        problems += try store.synchronize().map { "in the catalog: \($0)" }
        if store.encryption != .none { problems += try store.keys().failures.map { "among the keys: \($0)" } }
        try examinePacks()
        let reader = try store.reader()
        defer { reader.close() }
        try examineChunks(reader)
        try examineRoots(reader, expected: expected)
    }

    private mutating func examinePacks() throws {
        for file in try storage.list("packs", recursive: true) {
            health.packs += 1
            let name = String(file.lastComponent)
            let bytes = try storage.read(file.name, limit: 1 << 30)
            if SHA256.digest(bytes).hex != name { problems.append("\(file.name) does not have the bytes of its name") }
        }
    }

    private mutating func examineChunks(_ reader: ChunkReader) throws {
        var copies: [RootReference: Int] = [:]
        var lengths: [RootReference: Int] = [:]
        try store.forEachChunk { id, kind, length in
            copies[RootReference(kind: kind, id: id), default: 0] += 1
            lengths[RootReference(kind: kind, id: id)] = length
        }
        known = lengths
        health.chunks = copies.count
        health.duplicates = copies.count { $0.value > 1 }
        let all = Array(lengths)
        let wrong = Monitor<[String]>([])
        do {
            try reader.forEach(all.map(\.key.id)) { index, bytes in
                if bytes.count != all[index].value {
                    wrong.withLock { $0.append("\(all[index].key.id) has another length") }
                }
            }
        } catch {
            // Which ones: asked for singly.
            for (chunk, _) in all {
                do { _ = try reader.get(chunk.id) } catch {
                    wrong.withLock { $0.append("chunk \(chunk.id): \(error)") }
                }
            }
            if wrong.withLock({ $0.isEmpty }) { wrong.withLock { $0.append("reading all chunks: \(error)") } }
        }
        problems += wrong.withLock { $0 }.prefix(10)
    }

    private mutating func examineRoots(_ reader: ChunkReader, expected: Set<String>) throws {
        let (roots, failures) = try store.roots()
        health.roots = roots
        problems += failures.map { "among the roots: \($0)" }
        problems += roots.filter(\.isHalfDamaged).map { "one copy of root \($0.id) is damaged" }
        problems += expected.subtracting(roots.map(\.id)).sorted().map { "root \($0) is gone" }
        for root in roots {
            var seen = Set<RootReference>()
            var waiting = root.references
            while let reference = waiting.popLast() {
                guard seen.insert(reference).inserted else { continue }
                guard known[reference] != nil else {
                    problems.append("\(reference.kind) chunk \(reference.id) of root \(root.id) is not stored")
                    continue
                }
                guard reference.kind == .tree else { continue }
                do { waiting += TestTree.decode(try reader.get(reference.id)) ?? [] } catch {
                    problems.append("tree \(reference.id) of root \(root.id): \(error)")
                }
            }
        }
    }
}
