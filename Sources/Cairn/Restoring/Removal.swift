import Posix

/// Deletes what a snapshot does not have: a name, and all below it. What a filter leaves out stays, and so do the folders above it.
struct Removal {
    private struct Level {
        let node: FolderNode
        var names: ArraySlice<Path>
        let pathCount: Int
        /// Whether something in it stays.
        var keeps: Bool
    }

    private let context: RestoreContext
    private let selection: RestoreRequest.Selection

    init(_ context: RestoreContext, selection: RestoreRequest.Selection) {
        self.context = context
        self.selection = selection
    }

    /// Deletes a name in a folder that is at `path` below the restored entry.
    func remove(_ name: Path, in folder: FolderNode, path: [UInt8]) throws(PosixError) {
        var path = path
        var levels = [
            Level(
                node: folder, names: [name], pathCount: path.count, keeps: true)
        ]
        while let last = levels.indices.last {
            if context.ledger.isStopped { return }
            guard let name = levels[last].names.popFirst() else {
                let done = levels.removeLast()
                guard let above = levels.indices.last else { return }
                let isWanted = selection.isSelected(path, true)
                path.removeSubrange(done.pathCount...)
                if done.keeps || !isWanted {
                    levels[above].keeps = true
                } else {
                    try delete(done.node.name, in: levels[above].node, isFolder: true)
                }
                continue
            }
            let node = levels[last].node
            let status = try node.opened().descriptor.status(of: name)
            let pathCount = path.count
            if !path.isEmpty { path.append(UInt8(ascii: "/")) }
            path += name.bytes
            if status.isFolder {
                let child = node.child(name)
                if !context.request.isDryRun, !Machine.isSuperuser, status.mode & 0o700 != 0o700 {
                    try? node.opened().descriptor.setMode(of: name, status.permissions | 0o700)
                }
                let names = try child.opened().descriptor.sortedEntries().map { Path($0.name) }
                levels.append(Level(node: child, names: names[...], pathCount: pathCount, keeps: false))
                continue
            }
            if selection.isSelected(path, false) {
                try delete(name, in: node, isFolder: false)
            } else {
                levels[last].keeps = true
            }
            path.removeSubrange(pathCount...)
        }
    }

    private func delete(_ name: Path, in node: FolderNode, isFolder: Bool) throws(PosixError) {
        if !context.request.isDryRun {
            let folder = try node.opened()
            if isFolder { try folder.descriptor.removeFolder(name) } else { try folder.descriptor.remove(name) }
        }
        context.ledger.finished(node.path(of: name), .deleted)
    }
}
