import ChunkStore
import Posix

extension TreeScan {
    /// Stores a stream as the only file of the tree, at the path of the only source.
    func run(_ stream: StreamSource) throws(CairnError) -> Result {
        let path = request.sources.paths[0]
        let intake = FileIntake(
            session: session, reader: reader, making: making, progress: progress, cancellation: cancellation)
        let earlier = request.earlierTree.flatMap { try? trees.entry(at: path, below: $0.root) }
        let product = try intake.take(stream, after: earlier)
        try stream.finish()
        var names = SourcePaths.components(path)
        guard let last = names.popLast() else {
            throw CairnError(.usage, "a stream needs a file name", remedy: "give one: --stdin-filename NAME")
        }
        var entry = owned(last, product.node, mode: 0o600)
        countNew(entry)
        state.withLock { state in
            state.sources[0] = entry
            state.totals.filesRead = 1
        }
        for name in names.reversed() + [TreeEntry.rootName] { entry = try directory(name, holding: entry) }
        return try result(root: entry)
    }

    private func directory(_ name: [UInt8], holding entry: TreeEntry) throws(CairnError) -> TreeEntry {
        var builder = DirectoryBuilder(put: { [self] (bytes, parents) throws(CairnError) in
            try put(bytes, after: parents)
        })
        try builder.append(entry, encoded: entry.encode())
        let (content, digest) = try builder.finish()
        let directory = owned(name, .directory(content: content, digest: digest), mode: 0o755)
        countNew(directory)
        return directory
    }

    /// Counts an entry as one that was not there before; where there is a base, it is compared with that in the end.
    private func countNew(_ entry: TreeEntry) {
        count(entry)
        if let change = TreeChange(path: [], old: nil, new: entry) { state.withLock { $0.changes.add(change) } }
    }

    /// An entry that belongs to whoever runs this, now.
    private func owned(_ name: [UInt8], _ node: TreeEntry.Node, mode: UInt32) -> TreeEntry {
        var entry = TreeEntry(
            name: name, mode: mode, userID: Machine.userID, groupID: Machine.groupID, modified: .now, node: node)
        entry.userName = making.accounts.userName(Machine.userID)
        entry.groupName = making.accounts.groupName(Machine.groupID)
        return entry
    }
}
