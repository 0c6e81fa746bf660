import Posix

/// Counts what a scan will meet, while that is under way, so that a share and a time left can be told. A thread of its own goes through the same folders
/// with the same selection. It begins a moment late: what is soon done needs no count, and never pays for one.
final class SourceCensus: Sendable {
    static let usualDelayMilliseconds = 1_500

    /// A folder that is still to be gone through.
    private struct Waiting {
        let node: FolderNode
        let device: UInt64
        let selection: ([Folder.Entry], OpenFolder) -> Selection.Folder
    }

    private struct Totals {
        var files = 0
        var bytes: UInt64 = 0

        mutating func add(_ status: FileStatus) {
            files += 1
            if status.isRegular { bytes &+= status.size }
        }
    }

    private let isEnded: Monitor<Bool>
    private let thread: Thread?

    /// Begins to count; the totals go into the progress when all is counted. Whoever begins must end.
    init(
        _ request: TreeScan.Request, progress: OperationProgress,
        delayMilliseconds: Int = SourceCensus.usualDelayMilliseconds
    ) {
        let isEnded = Monitor(false)
        self.isEnded = isEnded
        // A share is not worth failing for: without a thread there is none.
        thread = try? Thread("count") {
            guard !isEnded.wait(milliseconds: delayMilliseconds, until: { $0 }),
                let totals = Self.totals(of: request, unless: isEnded)
            else { return }
            progress.update { progress in
                (progress.filesTotal, progress.bytesTotal) = (totals.files, totals.bytes)
                progress.isTotalFinal = true
            }
        }
    }

    /// Stops, wherever it is.
    func end() {
        isEnded.update { $0 = true }
        thread?.join()
    }

    /// For tests: waits until all is counted.
    func finish() { thread?.join() }

    /// Nil where it was stopped. What cannot be looked at is left out: it is a failure of the scan, and none of its files.
    private static func totals(of request: TreeScan.Request, unless isEnded: Monitor<Bool>) -> Totals? {
        var totals = Totals()
        var waiting: [Waiting] = []
        let pool = FolderPool()
        for path in request.sources.paths.reversed() {
            guard let status = try? Folder.linkStatus(path) else { continue }
            guard status.isFolder else {
                totals.add(status)
                continue
            }
            guard !request.avoided.contains(TreeScan.FileIdentity(status)) else { continue }
            waiting.append(
                Waiting(node: FolderNode(path: path, pool: pool), device: status.device) { names, folder in
                    request.selection.root(path, listing: names, folder: folder)
                })
        }
        while let folder = waiting.popLast() {
            if isEnded.withLock({ $0 }) { return nil }
            count(folder, request, &totals, &waiting)
        }
        return totals
    }

    /// Counts a folder's entries, and lets the folders in it wait for their turn.
    private static func count(
        _ folder: Waiting, _ request: TreeScan.Request, _ totals: inout Totals, _ waiting: inout [Waiting]
    ) {
        guard let open = try? folder.node.opened(), let names = try? open.descriptor.sortedEntries() else { return }
        let selection = folder.selection(names, open)
        for entry in names {
            guard selection.isExcluded(entry) != true,
                let status = try? open.descriptor.status(ofListed: entry.name), !selection.isExcluded(entry, status)
            else { continue }
            guard status.isFolder else {
                totals.add(status)
                continue
            }
            guard !request.avoided.contains(TreeScan.FileIdentity(status)),
                !request.staysOnFileSystem || status.device == folder.device
            else { continue }
            waiting.append(
                Waiting(node: folder.node.child(Path(entry.name)), device: folder.device) { names, folder in
                    selection.child(entry.name, listing: names, folder: folder)
                })
        }
    }
}
