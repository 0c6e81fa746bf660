internal import Crypto
internal import SQLite

/// Looks whether a repository is whole: its small files, its packs, the catalog, and if asked every byte. It never writes to the repository.
///
/// What is found is told as it is met, on the thread that checks. One thread at a time.
public final class StoreCheck {
    let store: Store
    let repository: Repository
    /// Reads bases of delta blocks; its lease keeps what is being checked.
    let reader: ChunkReader
    let isCancelled: @Sendable () -> Bool
    let onFinding: (StoreFinding) -> Void
    /// Packs that were found unreadable as a whole, so that it is said once.
    var unreadable: Set<PackName> = []

    /// The packs as they were found.
    public struct Packs: Hashable, Sendable {
        /// How many.
        public var count = 0
        /// Their bytes.
        public var bytes: UInt64 = 0
    }

    /// Begins to check. `reader` is one of the store's, and is left open.
    public init(
        _ store: Store, reader: ChunkReader, isCancelled: @escaping @Sendable () -> Bool = { false },
        onFinding: @escaping (StoreFinding) -> Void
    ) {
        self.store = store
        repository = store.repository
        self.reader = reader
        self.isCancelled = isCancelled
        self.onFinding = onFinding
    }

    func check() throws(StoreError) {
        if isCancelled() { throw .cancelled }
    }

    /// Whether all of these roots are still there, forgotten or not. One that somebody forgets or brings back at this moment is.
    public func areThere(_ roots: Set<String>) throws(StoreError) -> Bool {
        var gone = roots.subtracting(try Roots(repository).ids())
        if gone.isEmpty { return true }
        gone.subtract(try ForgottenRoots(repository).names().map(\.id))
        if gone.isEmpty { return true }
        return gone.isSubset(of: try Roots(repository).ids())
    }

    // MARK: Chunks that somebody needs

    /// What the catalog says of a chunk that is needed.
    public enum Presence: Hashable, Sendable {
        /// It is stored.
        case present
        /// It is not.
        case absent
        /// It is stored and has another length.
        case otherLength(Int)
    }

    /// Looks chunks up; the answers come in order. A length of nil fits any. What lies in packs that cannot be read as a whole does not
    /// count, though the catalog may remember where: another machine's does not. What lies only in condemned packs counts where it can be read.
    public func presence(
        of chunks: [(chunk: RootReference, length: UInt32?)]
    ) throws(StoreError) -> [Presence] {
        let (answers, hasCondemned) = try store.catalog().read { (connection) throws(SQLiteError) in
            let packs = try connection.packs()
            let bad = Set(packs.filter { $0.isCondemned || unreadable.contains($0.name) }.map(\.number))
            return (try connection.presence(of: chunks, outside: bad), packs.contains(where: \.isCondemned))
        }
        return hasCondemned ? try withCondemned(answers, of: chunks) : answers
    }

    /// Adds what can be read of packs that are on their way out: prune brings them back for whoever still needs them.
    private func withCondemned(
        _ answers: [Presence], of chunks: [(chunk: RootReference, length: UInt32?)]
    ) throws(StoreError) -> [Presence] {
        let absent = answers.indices.filter { answers[$0] == .absent }
        // The bases of a delta block may be what is on its way out.
        let found = try readable(Set(absent.map { chunks[$0].chunk.id })) { copies in
            copies.contains { $0.isCondemned || $0.isDelta }
        }
        var answers = answers
        for index in absent where found.contains(chunks[index].chunk.id) { answers[index] = .present }
        return answers
    }

    /// Which of these chunks have a copy that can be read, of those whose copies give reason to look.
    private func readable(
        _ ids: Set<ChunkID>, where isWorthReading: ([ChunkCopy]) -> Bool
    ) throws(StoreError) -> Set<ChunkID> {
        var found: Set<ChunkID> = []
        var rest = ids
        // Packs may have gone, or come back, since the catalog looked.
        for isAgain in [false, true] where !rest.isEmpty {
            if isAgain { try synchronize() }
            var wanted: [(id: ChunkID, places: [ChunkPlace])] = []
            for id in rest {
                let copies = try store.catalog().read { (connection) throws(SQLiteError) in
                    try connection.copies(of: id)
                }
                if isWorthReading(copies) { wanted.append((id, copies.map(\.place).sorted())) }
            }
            var bad: Set<BlockKey> = []
            for (id, places) in wanted.sorted(by: { $0.places[0] < $1.places[0] }) {
                try check()
                if try reader.canRead(id, at: places, besides: &bad) { found.insert(id) }
            }
            rest = Set(wanted.lazy.map(\.id)).subtracting(found)
        }
        return found
    }

    /// Brings the catalog in line with the packs that are there now.
    public func synchronize() throws(StoreError) { try store.catalog().synchronize(.all) }

    /// Of the copies that a finding says cannot be used: the chunks that have no other one that can. Others are read.
    func lost(_ finding: StoreFinding) throws(StoreError) -> [RootReference] {
        let found = try readable(Set(finding.copies.map(\.id))) { $0.count > 1 }
        return finding.copies.filter { !found.contains($0.id) }
    }

    /// The names of the packs in which chunks lie, and the bases that they are decoded with.
    public func packs(holding ids: [ChunkID]) throws(StoreError) -> Set<String> {
        try store.catalog().read { (connection) throws(SQLiteError) in
            var names: Set<String> = []
            for id in ids.sorted() {
                for place in try connection.places(of: id) {
                    guard let block = try connection.block(place.block, of: place.pack) else { continue }
                    names.insert(block.pack.id.hex)
                    for base in block.bases {
                        for place in try connection.places(of: base) {
                            if let block = try connection.block(place.block, of: place.pack) {
                                names.insert(block.pack.id.hex)
                            }
                        }
                    }
                }
            }
            return names
        }
    }
}
