internal import Cairn
internal import ChunkStore
internal import Posix

/// The repository behind a mount: a reader with its lease, and the list of snapshots, which is looked at again now and then.
final class MountSource: Sendable {
    private struct State {
        var reader: TreeReader
        var looked: Int64
        /// The roots that the list was made of.
        var roots: Set<String>
        /// Whether snapshots have come or gone since the reader was made.
        var isBehind = false
        var isLooking = false
        /// What went wrong the last time, where it did.
        var troubles: [Errand: CairnError] = [:]
        /// What could not be read, and was told.
        var told: Set<CairnError> = []
    }

    /// What may go wrong again and again.
    private enum Errand { case looking, renewing }

    private let store: Store
    /// What decoded blocks may take.
    let cacheBytes: Int
    private let show: @Sendable (SnapshotList) -> Void
    private let report: @Sendable (CairnError) -> Void
    private let state: Monitor<State>
    private let restNanoseconds: Int64

    /// Between two looks at the list it rests for a second.
    init(
        _ store: Store, cacheBytes: Int, restNanoseconds: Int64 = 1_000_000_000,
        show: @escaping @Sendable (SnapshotList) -> Void,
        report: @escaping @Sendable (CairnError) -> Void
    ) throws(CairnError) {
        self.store = store
        self.cacheBytes = cacheBytes
        self.restNanoseconds = restNanoseconds
        self.show = show
        self.report = report
        // A lease first, then the snapshots: what is shown stays readable.
        let reader = try Self.reader(store, cacheBytes)
        let roots = try Self.roots(store)
        show(try SnapshotList(store))
        state = Monitor(State(reader: reader, looked: Machine.monotonicNanoseconds, roots: roots))
    }

    private static func reader(_ store: Store, _ cacheBytes: Int) throws(CairnError) -> TreeReader {
        TreeReader(
            try storing { () throws(StoreError) in try store.reader(for: "mount", cacheBytes: cacheBytes) })
    }

    private static func roots(_ store: Store) throws(CairnError) -> Set<String> {
        try storing { () throws(StoreError) in Set(try store.rootIDs()) }
    }

    var reader: TreeReader { state.withLock { $0.reader } }

    /// Sees, unless it has just been done, whether snapshots have come or gone.
    func refresh() {
        let now = Machine.monotonicNanoseconds
        let isDue = state.withLock { state in
            guard !state.isLooking, now - state.looked > restNanoseconds else { return false }
            state.isLooking = true
            return true
        }
        guard isDue else { return }
        do throws(CairnError) {
            let roots = try Self.roots(store)
            if state.withLock({ $0.roots != roots }) {
                // What the new ones need is kept from now on by a lease that is newer than they are.
                let list = try SnapshotList(store)
                try storing { () throws(StoreError) in _ = try store.synchronize() }
                show(list)
                state.withLock { state in
                    state.roots = roots
                    state.isBehind = true
                }
            }
            settle(.looking, nil)
        } catch { settle(.looking, error) }
        state.withLock { state in
            state.isLooking = false
            state.looked = Machine.monotonicNanoseconds
        }
    }

    /// No file is open: where snapshots have gone, a new lease lets prune give back what only they needed.
    func renewLease() {
        guard state.withLock({ $0.isBehind }) else { return }
        do throws(CairnError) {
            let reader = try Self.reader(store, cacheBytes)
            state.withLock { state in
                state.reader = reader
                state.isBehind = false
            }
            settle(.renewing, nil)
        } catch { settle(.renewing, error) }
    }

    /// A repository that cannot be reached is told once, and not each time that it is looked at.
    private func settle(_ errand: Errand, _ trouble: CairnError?) {
        let isNews = state.withLock { state in
            defer { state.troubles[errand] = trouble }
            return state.troubles[errand] != trouble
        }
        if isNews, let trouble { report(trouble) }
    }

    /// Tells what cannot be read: once. Where the repository cannot be reached, that is told in its place.
    func tell(_ error: CairnError) {
        do throws(CairnError) { _ = try Self.roots(store) } catch { return settle(.looking, error) }
        let isNews = state.withLock { state in
            if state.told.count == Self.toldMax { state.told = [] }
            return state.told.insert(error).inserted
        }
        if isNews { report(error) }
    }

    private static let toldMax = 1_000

    /// What the repository takes, and how many snapshots it holds.
    func space() -> (bytes: UInt64, files: UInt64) {
        let bytes = (try? store.storedBytes()) ?? 0
        return (bytes, UInt64(state.withLock { $0.roots.count }))
    }
}
