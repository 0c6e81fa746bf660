import Posix

/// Goes through a snapshot's tree and the target together, in the order of names: makes directories, decides what becomes of each name, and
/// hands the work out. One thread.
final class TreeRestorer {
    /// A directory that is being gone through.
    private struct Level {
        var cursor: EntryCursor
        let directory: RestoredDirectory
        /// What is in the target's folder and has not been met in the snapshot.
        var existing: ArraySlice<Folder.Entry>
        /// How long the path was before this directory's name.
        let pathCount: Int
        let deletes: Bool
    }

    let context: RestoreContext
    let trees: TreeReader
    let workers: RestoreWorkers
    let batch: RestoreBatch
    let links = LinkTable()
    let root: FolderNode
    private let sources: RestoreSources
    private var levels: [Level] = []
    /// Below the entry that is restored; components joined by slashes.
    private(set) var path: [UInt8] = []

    init(_ context: RestoreContext, workers: RestoreWorkers) throws(CairnError) {
        self.context = context
        self.workers = workers
        trees = TreeReader(context.reader)
        batch = try RestoreBatch(context, workers: workers)
        root = FolderNode(path: context.request.target)
        sources = RestoreSources(context.request.sources, part: context.request.path)
    }

    /// Hands out everything; when it returns, the workers may still be busy.
    func run() throws(CairnError) {
        defer { batch.close() }
        let request = context.request
        let isThere = try openTarget()
        guard request.entry.node.isDirectory else {
            let top = RestoredDirectory(root, entry: nil, isNew: !isThere, parent: nil, context: context)
            defer { top.end() }
            path = request.entry.name
            if request.selection.isSelected(path, false) {
                try restore(request.entry, in: top, existing: isThere ? status(Path(request.entry.name), in: top) : nil)
            }
            return batch.flush()
        }
        let isWay = sources.isOnlyTheWay(path)
        let keepsMetadata = isWay || !request.selection.isSelected([], true)
        let top = RestoredDirectory(
            root, entry: keepsMetadata ? nil : request.entry, isNew: !isThere, parent: nil, context: context)
        do throws(PosixError) { try push(request.entry, top, pathCount: 0, deletes: !keepsMetadata) } catch {
            throw CairnError(.target, error, path: request.target)
        }
        while let last = levels.indices.last {
            try context.ledger.check()
            if let entry = try nextEntry(last) {
                try visit(entry, last)
            } else {
                remainder(last)
                path.removeSubrange(levels[last].pathCount...)
                levels.removeLast().directory.end()
            }
        }
        batch.flush()
    }

    /// Opens the target; false for a dry run where it is missing.
    private func openTarget() throws(CairnError) -> Bool {
        let target = context.request.target
        do throws(PosixError) {
            if context.request.isDryRun {
                do throws(PosixError) { _ = try root.opened() } catch {
                    if error.errno == .noSuchFile, Folder.obstacle(to: target) == nil { return false }
                    throw error
                }
            } else {
                try Folder.makeAll(target)
                _ = try root.opened()
            }
            return true
        } catch {
            guard let obstacle = Folder.obstacle(to: target, after: error.errno) else {
                throw CairnError(.target, error, path: target, remedy: "name a folder that can be written")
            }
            throw CairnError(
                .target, obstacle.sentence(about: target), path: target,
                remedy: "name another folder to restore into, or take away what is in its place")
        }
    }

    // MARK: Entries

    /// The next entry; a directory that cannot be read any further is reported and left.
    private func nextEntry(_ level: Int) throws(CairnError) -> TreeEntry? {
        do throws(CairnError) { return try levels[level].cursor.next() } catch {
            context.ledger.fail(levels[level].directory.node.path, error)
            // What the rest of it names is not known, so nothing is deleted.
            levels[level].existing = []
            return nil
        }
    }

    private func visit(_ entry: TreeEntry, _ level: Int) throws(CairnError) {
        let directory = levels[level].directory
        let isThere = skipTo(entry.name, level)
        let pathCount = path.count
        if !path.isEmpty { path.append(UInt8(ascii: "/")) }
        path += entry.name
        if entry.node.isDirectory {
            if try enter(entry, in: directory, isThere: isThere, pathCount: pathCount) { return }
        } else if context.request.selection.isSelected(path, false), directory.make() {
            try restore(entry, in: directory, existing: isThere ? status(Path(entry.name), in: directory) : nil)
        }
        path.removeSubrange(pathCount...)
    }

    /// Passes by the target's names before this one; returns whether this one is there.
    private func skipTo(_ name: [UInt8], _ level: Int) -> Bool {
        while let first = levels[level].existing.first {
            if first.name == name {
                levels[level].existing.removeFirst()
                return true
            }
            if !first.name.precedes(name) { return false }
            levels[level].existing.removeFirst()
            extra(first, level)
        }
        return false
    }

    private func remainder(_ level: Int) {
        while let entry = levels[level].existing.popFirst() { extra(entry, level) }
    }

    /// A name that the snapshot does not have.
    private func extra(_ entry: Folder.Entry, _ level: Int) {
        let directory = levels[level].directory
        let name = Path(entry.name)
        do throws(PosixError) {
            if StagingName.matches(entry.name), !context.request.isDryRun {
                let folder = try directory.node.opened()
                if try StagingName.removeAbandoned(name, in: folder.descriptor) { return }
            }
            guard levels[level].deletes else { return }
            try Removal(context, selection: context.request.selection).remove(name, in: directory.node, path: path)
        } catch { context.ledger.fail(directory.node.path(of: name), error) }
    }

    func status(_ name: Path, in directory: RestoredDirectory) -> FileStatus? {
        try? directory.node.opened().descriptor.status(of: name)
    }

    // MARK: Directories

    /// Goes into a directory; false where nothing below it is wanted, or it cannot be made.
    private func enter(
        _ entry: TreeEntry, in parent: RestoredDirectory, isThere: Bool, pathCount: Int
    ) throws(CairnError) -> Bool {
        let selection = context.request.selection
        let isSelected = selection.isSelected(path, true)
        guard isSelected || selection.mayContainSelected(path) else { return false }
        let node = parent.node.child(Path(entry.name))
        do throws(PosixError) {
            let (making, modeBefore) = try prepare(node, in: parent, isThere: isThere)
            let isNew = if case .done = making { false } else { true }
            let isWay = sources.isOnlyTheWay(path)
            let keepsMetadata = !isNew && (isWay || !isSelected)
            let directory = RestoredDirectory(
                node, entry: keepsMetadata ? nil : entry, isNew: isNew, isOnlyTheWay: isWay, modeBefore: modeBefore,
                making: making, parent: parent, context: context)
            // One that is only looked into waits until there is something to put into it.
            if isSelected, !directory.make() {
                directory.end()
                return false
            }
            try push(entry, directory, pathCount: pathCount, deletes: isSelected && !isWay)
            return true
        } catch {
            context.ledger.fail(node.path, error)
            return false
        }
    }

    private func push(
        _ entry: TreeEntry, _ directory: RestoredDirectory, pathCount: Int, deletes: Bool
    ) throws(PosixError) {
        var existing: [Folder.Entry] = []
        if !directory.isNew {
            do throws(PosixError) { existing = try directory.node.opened().descriptor.sortedEntries() } catch {
                directory.end()
                throw error
            }
        }
        levels.append(
            Level(
                cursor: trees.entries(of: entry), directory: directory, existing: existing[...], pathCount: pathCount,
                deletes: deletes && context.request.deletes))
    }

    /// Looks whether there is a folder, and sees to it that one that is there can be filled. Returns whether it is yet to be made, and its
    /// mode if that had to be changed.
    private func prepare(
        _ node: FolderNode, in parent: RestoredDirectory, isThere: Bool
    ) throws(PosixError) -> (making: RestoredDirectory.Making, modeBefore: UInt32?) {
        if !isThere { return (.waiting(isNameTaken: false), nil) }
        let folder = try parent.node.opened()
        let status = try folder.descriptor.status(of: node.name)
        guard status.isFolder else { return (.waiting(isNameTaken: true), nil) }
        // A folder of our own that we may not enter or fill is opened up until it is filled.
        if !context.request.isDryRun, !Machine.isSuperuser, status.mode & 0o700 != 0o700 {
            // Where it is not ours what lies below it tells, name by name.
            do throws(PosixError) { try folder.descriptor.setMode(of: node.name, status.permissions | 0o700) } catch {
                guard error.errno == .notPermitted else { throw error }
                return (.done, nil)
            }
            return (.done, status.permissions)
        }
        return (.done, nil)
    }
}

/// Which directories of a snapshot are only the way to what it was taken of.
struct RestoreSources {
    private let sources: [ArraySlice<UInt8>]
    private let part: [UInt8]

    init(_ sources: [Path], part: Path) {
        self.sources = sources.map { Self.trimmed(Array($0.bytes)) }
        self.part = Array(Self.trimmed(Array(part.bytes)))
    }

    /// Whether a path below the restored part lies above the sources and is not one, nor in one.
    func isOnlyTheWay(_ path: [UInt8]) -> Bool {
        if sources.isEmpty { return false }
        let whole = path.isEmpty ? part : part + [UInt8(ascii: "/")] + path
        return !sources.contains { source in
            whole.starts(with: source) && (whole.count == source.count || whole[source.count] == UInt8(ascii: "/"))
        }
    }

    /// Without slashes at the end, so that the root is empty.
    private static func trimmed(_ path: [UInt8]) -> ArraySlice<UInt8> {
        var rest = path[...]
        while rest.last == UInt8(ascii: "/") { rest.removeLast() }
        return rest
    }
}
