import Posix

/// Counts what a scan will meet, while that is under way, so that a share and a time left can be told. A thread of its own goes through the same folders
/// with the same selection. It begins a moment late: what is soon done needs no count, and never pays for one.
final class SourceCensus: Sendable {
    static let usualDelayMilliseconds = 1_500

    /// A folder that is still to be gone through. There may be a million of them, so what it needs is made when its turn comes.
    private struct Waiting {
        let place: Place
        let device: UInt64

        enum Place {
            case source(Path)
            case below(Parent, name: [UInt8])
        }
    }

    /// A folder that has been gone through, as those in it need it.
    private final class Parent {
        let node: FolderNode
        let selection: Selection.Folder
        init(_ node: FolderNode, _ selection: Selection.Folder) {
            self.node = node
            self.selection = selection
        }
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
        // What the process may have open is for the scan.
        let pool = FolderPool(limit: 4)
        for path in request.sources.paths.reversed() {
            guard let status = try? Folder.linkStatus(path) else { continue }
            guard status.isFolder else {
                totals.add(status)
                continue
            }
            guard !request.avoided.contains(TreeScan.FileIdentity(status)) else { continue }
            waiting.append(Waiting(place: .source(path), device: status.device))
        }
        while let folder = waiting.popLast() {
            guard let here = open(folder, request, pool) else { continue }
            for (index, entry) in here.names.enumerated() {
                if index % 256 == 0, isEnded.withLock({ $0 }) { return nil }
                guard here.parent.selection.isExcluded(entry) != true,
                    let status = try? here.open.descriptor.status(ofListed: entry.name),
                    !here.parent.selection.isExcluded(entry, status)
                else { continue }
                guard status.isFolder else {
                    totals.add(status)
                    continue
                }
                guard !request.avoided.contains(TreeScan.FileIdentity(status)),
                    !request.staysOnFileSystem || status.device == folder.device
                else { continue }
                waiting.append(Waiting(place: .below(here.parent, name: entry.name), device: folder.device))
            }
        }
        return totals
    }

    private static func open(
        _ folder: Waiting, _ request: TreeScan.Request, _ pool: FolderPool
    ) -> (parent: Parent, open: OpenFolder, names: [Folder.Entry])? {
        let node =
            switch folder.place {
            case .source(let path): FolderNode(path: path, pool: pool)
            case .below(let parent, let name): parent.node.child(Path(name))
            }
        guard let open = try? node.opened(), let names = try? open.descriptor.sortedEntries() else { return nil }
        let selection =
            switch folder.place {
            case .source(let path): request.selection.root(path, listing: names, folder: open)
            case .below(let parent, let name): parent.selection.child(name, listing: names, folder: open)
            }
        return (Parent(node, selection), open, names)
    }
}
