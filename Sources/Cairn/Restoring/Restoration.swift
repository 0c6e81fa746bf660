public import ChunkStore
public import Posix

/// Restores an entry of a snapshot into a folder.
///
/// Nothing is ever written outside of the target: names are single components, folders are opened one below the other, and links are never
/// followed, whoever plants them and when. What is there already is compared by reading, and only what differs is written, so that a
/// restore that was interrupted carries on when it is run again. What it left unfinished has neither its time nor its mode, and where the
/// next run would not look into what is there (`.never`, `.ifNewer`) files appear whole. Before it returns, everything that was written is made durable
/// with one `syncfs` of the target's file system; there is no `fsync` for each file.
public struct Restoration: Sendable {
    private let reader: ChunkReader
    private let request: RestoreRequest

    /// Plans to restore from a store that the reader belongs to.
    public init(_ reader: ChunkReader, _ request: RestoreRequest) {
        self.reader = reader
        self.request = request
    }

    /// Restores. Items that cannot be restored are reported, on any thread, and the rest goes on; what concerns all of them, such as a full
    /// disk, is thrown. `onItem` hears of each item that was done.
    public func run(
        progress: OperationProgress = OperationProgress(), cancellation: Cancellation = Cancellation(),
        onFailure: @escaping @Sendable (ItemFailure) -> Void = { _ in },
        onItem: (@Sendable (Path, RestoreAction) -> Void)? = nil
    ) throws(CairnError) -> RestoreSummary {
        let ledger = RestoreLedger(
            progress: progress, cancellation: cancellation, onFailure: onFailure, onItem: onItem)
        let context = RestoreContext(request, reader: reader, ledger: ledger)
        ledger.phase("restoring")
        let workers = try RestoreWorkers(threads: request.threads, costMax: request.planBytes)
        defer { workers.close() }
        let restorer = try TreeRestorer(context, workers: workers)
        do throws(CairnError) { try restorer.run() } catch { ledger.stop(error) }
        ledger.foundAll()
        workers.drain()
        try ledger.check()
        if request.isDryRun { return ledger.summary }
        try synchronize(restorer.root, ledger)
        if request.verifies {
            ledger.phase("verifying")
            try RestoreVerification(context, workers: workers, root: restorer.root).run()
        }
        return ledger.summary
    }

    private func synchronize(_ root: FolderNode, _ ledger: RestoreLedger) throws(CairnError) {
        ledger.phase("making it durable")
        let start = Machine.monotonicNanoseconds
        defer { ledger.synchronized(seconds: Double(Machine.monotonicNanoseconds - start) / 1e9) }
        do throws(PosixError) { try root.opened().descriptor.synchronizeFileSystem() } catch {
            throw CairnError(
                .target, error, path: request.target,
                remedy: "what was restored may not be on the disk: check that disk, then run the same again")
        }
    }
}
