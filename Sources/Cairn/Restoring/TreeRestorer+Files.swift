import ChunkStore
import Posix

// What is no directory.
extension TreeRestorer {
    /// Restores an entry at `path`, where something may be already.
    func restore(_ entry: TreeEntry, in directory: RestoredDirectory, existing: FileStatus?) throws(CairnError) {
        context.ledger.found(entry)
        var existing = existing
        if let there = existing {
            if context.request.overwrite == .never {
                return context.ledger.finished(directory.node.path(of: Path(entry.name)), .skipped)
            }
            if context.request.overwrite == .ifNewer, !there.isFolder, entry.modified <= there.modified {
                return context.ledger.finished(directory.node.path(of: Path(entry.name)), .skipped)
            }
            if there.isFolder {
                guard makeWay(for: entry, in: directory) else { return }
                existing = nil
            }
        }
        if let group = entry.linkGroup, try isLinked(entry, group, in: directory) { return }
        guard case .file = entry.node else {
            let node = RestoredNode(entry: entry, directory: directory, existing: existing, context: context)
            if entry.linkGroup != nil {
                node.restore()
            } else {
                directory.begin()
                workers.submit(cost: RestoreBatch.fileBytes) {
                    node.restore()
                    directory.end()
                }
            }
            return
        }
        try restoreFile(entry, in: directory, existing: existing)
    }

    /// Removes a folder where something else is to be; false where it must stay.
    private func makeWay(for entry: TreeEntry, in directory: RestoredDirectory) -> Bool {
        let name = Path(entry.name)
        do throws(PosixError) {
            if context.request.deletes {
                let parent = Array(path.dropLast(entry.name.count + (path.count > entry.name.count ? 1 : 0)))
                try Removal(context, selection: context.request.selection).remove(
                    name, in: directory.node, path: parent)
            }
            if context.request.isDryRun { return true }
            let folder = try directory.node.opened()
            guard let status = try? folder.descriptor.status(of: name), status.isFolder else { return true }
            try folder.descriptor.removeFolder(name)
            return true
        } catch {
            if error.errno == .folderNotEmpty {
                context.ledger.fail(
                    directory.node.path(of: name), .access,
                    "a folder that is not empty has its name: move that away, or allow it to be deleted (--delete)")
            } else {
                context.ledger.fail(directory.node.path(of: name), error)
            }
            return false
        }
    }

    // MARK: Hard links

    /// Whether the entry is a further name of a file that was met before, and is taken care of.
    private func isLinked(_ entry: TreeEntry, _ group: UInt64, in directory: RestoredDirectory) throws(CairnError)
        -> Bool
    {
        let name = Path(entry.name)
        guard let first = try links.firstPath(of: group, or: path) else { return false }
        if context.request.isDryRun {
            context.ledger.finished(directory.node.path(of: name), .restored)
            return true
        }
        // What is being written waits in a batch, and the last batch may be this one: the link waits with it.
        if let file = context.linked.withLock({ $0[group] }), file.link(in: directory, name: name) { return true }
        let components = first.split(separator: UInt8(ascii: "/")).map { Path($0) }
        var node = root
        for component in components.dropLast() { node = node.child(component) }
        if let last = components.last {
            RestoredLink(name: name, directory: directory, context: context).make(to: last, in: node)
        }
        return true
    }

    // MARK: Regular files

    private func restoreFile(
        _ entry: TreeEntry, in directory: RestoredDirectory, existing: FileStatus?
    ) throws(CairnError) {
        guard case .file(let size, let content, _, let recordedHoles) = entry.node else { return }
        let request = context.request
        if request.isDryRun && existing?.isRegular != true {
            return context.ledger.finished(
                directory.node.path(of: Path(entry.name)), .restored, size: size, written: size)
        }
        let holes: RestoredHoles
        do throws(CairnError) {
            holes =
                recordedHoles == .empty && !request.isSparse
                ? .none : try RestoredHoles(recordedHoles, of: size, findsZeros: request.isSparse, trees: trees)
        } catch { return context.ledger.fail(directory.node.path(of: Path(entry.name)), error) }
        let file = RestoredFile(
            entry, in: directory, way: way(for: entry, existing), holes: holes, context: context)
        if let group = entry.linkGroup { context.linked.withLock { $0[group] = file } }
        if request.overwrite == .ifChanged, let existing, existing.isRegular, existing.size == size,
            existing.modified == entry.modified
        {
            return submit { file.settle(1) }
        }
        switch content {
        case .empty: submit { file.settle(1) }
        case .inline(let bytes): submit(cost: RestoreBatch.fileBytes + bytes.count) { file.restore(bytes) }
        case .chunks, .lists:
            do throws(CairnError) { try batch.add(file, content: content, trees: trees) } catch {
                guard error.code == .damaged || error.code == .missing else { throw error }
            }
            if batch.isFull { batch.flush() }
        }
    }

    private func submit(cost: Int = RestoreBatch.fileBytes, _ run: @escaping @Sendable () -> Void) {
        workers.submit(cost: cost, run)
    }

    /// Whether a new file must not have its name before it is whole: where that is asked for, and where the next run would take what has the name
    /// for right, or for newer, without looking into it.
    private var isStaged: Bool {
        context.request.isAtomic || [.never, .ifNewer].contains(context.request.overwrite)
    }

    private func way(for entry: TreeEntry, _ existing: FileStatus?) -> RestoredFile.Way {
        guard let existing else {
            return isStaged ? .staged(StagingName.make()) : .new
        }
        // A file whose other names the snapshot does not know must not be changed under those.
        if !existing.isRegular || (existing.linkCount > 1 && entry.linkGroup == nil && !context.request.isDryRun) {
            return .staged(StagingName.make())
        }
        return .kept(existing)
    }
}
