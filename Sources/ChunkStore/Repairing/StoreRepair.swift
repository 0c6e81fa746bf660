internal import Posix
internal import SQLite
internal import Storage

/// Mends what can be mended of a repository, beside whatever else runs. Nothing becomes worse: what is replaced was copied and proven before, and is
/// then condemned as by a prune (Documentation/Pruning.md), whose lock it holds; the only files that are written anew under their own names are
/// records of which every byte is known.
///
/// What is found, and what becomes of it, is told as it is met, on the thread that repairs. One thread at a time.
public final class StoreRepair {
    let store: Store
    let repository: Repository
    let catalog: Catalog
    /// Nil in a rehearsal, which writes nothing.
    let lease: Lease?
    private let lock: (any StorageLock)?
    /// Reads chunks under the repair's own lease.
    public let reader: ChunkReader
    let isCancelled: @Sendable () -> Bool
    let onFinding: (StoreFinding) -> Void
    /// Packs of which nobody can tell what they hold, or blocks of which lack their bases: they stay as long as something is missing.
    var stuck: [PackName] = []
    /// What is wrong with each of them.
    var stuckReasons: [PackName: String] = [:]
    /// What is bad in them by itself, and nowhere else.
    var stuckLosses: [PackName: [RootReference]] = [:]
    /// Packs that running operations have published: they are left alone.
    var inFlight: Set<PackName> = []

    /// Begins a repair. Throws `.busy` while a prune or another repair is at work. A rehearsal only finds out what would be done.
    public init(
        _ store: Store, isRehearsal: Bool = false, isCancelled: @escaping @Sendable () -> Bool = { false },
        onFinding: @escaping (StoreFinding) -> Void
    ) throws(StoreError) {
        self.store = store
        repository = store.repository
        self.isCancelled = isCancelled
        self.onFinding = onFinding
        let lease = isRehearsal ? nil : try Lease(for: "repair", in: repository.storage)
        do throws(StoreError) {
            lock = if let lease { try CondemnedPacks.lock(repository.storage, by: lease) } else { nil }
            if let lease { Sweeper(storage: repository.storage, own: lease).sweep() }
            catalog = try store.catalog()
            reader = try ChunkReader(repository, catalog: catalog, lease: nil, budget: store.budget)
            if let lease {
                try CondemnedPacks(repository: repository, catalog: catalog, lease: lease).dropUnmoved()
            }
        } catch {
            lease?.release()
            throw error
        }
        self.lease = lease
    }

    /// Lets go of the lock and the lease.
    public func close() {
        reader.close()
        lock?.release()
        lease?.release()
    }

    deinit { close() }

    /// Whether it only finds out what would be done.
    public var isRehearsal: Bool { lease == nil }

    func check() throws(StoreError) {
        if isCancelled() { throw .cancelled }
    }

    // MARK: Chunks

    /// Looks chunks up in the packs that count: not in condemned ones. The answers come in order; a length of nil fits any.
    public func presence(
        of chunks: [(chunk: RootReference, length: UInt32?)]
    ) throws(StoreError) -> [StoreCheck.Presence] {
        try catalog.read { (connection) throws(SQLiteError) in
            let condemned = Set(try connection.packs().filter(\.isCondemned).map(\.number))
            return try connection.presence(of: chunks, outside: condemned)
        }
    }

    /// Begins to store what was missing; a rehearsal only counts it.
    public func session() throws(StoreError) -> WriteSession {
        isRehearsal ? try store.rehearse() : try store.write(for: "repair")
    }
}
