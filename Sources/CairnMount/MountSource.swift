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
    }

    private static let restNanoseconds: Int64 = 1_000_000_000

    private let store: Store
    private let cacheBytes: Int
    private let show: @Sendable (SnapshotList) -> Void
    private let report: @Sendable (CairnError) -> Void
    private let state: Monitor<State>

    init(
        _ store: Store, cacheBytes: Int, show: @escaping @Sendable (SnapshotList) -> Void,
        report: @escaping @Sendable (CairnError) -> Void
    ) throws(CairnError) {
        self.store = store
        self.cacheBytes = cacheBytes
        self.show = show
        self.report = report
        // A lease first, then the snapshots: what is shown stays readable.
        let reader = try Self.reader(store, cacheBytes)
        let roots = try Self.roots(store)
        show(try SnapshotList(store))
        state = Monitor(State(reader: reader, looked: Machine.monotonicNanoseconds, roots: roots))
    }

    private static func reader(_ store: Store, _ cacheBytes: Int) throws(CairnError) -> TreeReader {
        do throws(StoreError) {
            return TreeReader(try store.reader(for: "mount", cacheBytes: cacheBytes))
        } catch { throw CairnError(error) }
    }

    private static func roots(_ store: Store) throws(CairnError) -> Set<String> {
        do throws(StoreError) { return Set(try store.rootIDs()) } catch { throw CairnError(error) }
    }

    var reader: TreeReader { state.withLock { $0.reader } }

    /// Sees, at most once a second, whether snapshots have come or gone.
    func refresh() {
        let now = Machine.monotonicNanoseconds
        let isDue = state.withLock { state in
            guard !state.isLooking, now - state.looked > Self.restNanoseconds else { return false }
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
        } catch { report(error) }
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
        } catch { report(error) }
    }

    /// What the repository takes, and how many snapshots it holds.
    func space() -> (bytes: UInt64, files: UInt64) {
        let bytes = (try? store.storedBytes()) ?? 0
        return (bytes, UInt64(state.withLock { $0.roots.count }))
    }
}

private func storing<Result>(_ body: () throws(StoreError) -> Result) throws(CairnError) -> Result {
    do throws(StoreError) { return try body() } catch { throw CairnError(error) }
}
