// unsafe: reads files into a buffer.
import Crypto
import Posix

/// Reads every restored file again and compares it with the SHA-256 that the snapshot records.
struct RestoreVerification {
    private let context: RestoreContext
    private let workers: RestoreWorkers
    private let root: FolderNode

    init(_ context: RestoreContext, workers: RestoreWorkers, root: FolderNode) {
        self.context = context
        self.workers = workers
        self.root = root
    }

    func run() throws(CairnError) {
        let request = context.request
        let trees = TreeReader(context.reader)
        defer { workers.drain() }
        guard request.entry.node.isDirectory else { return check(request.entry, in: root) }
        // Nodes of the directories on the way down.
        var nodes = [root]
        try trees.walk(request.entry) { path, entry throws(CairnError) in
            try context.ledger.check()
            let depth = path.count { $0 == UInt8(ascii: "/") }
            nodes.removeSubrange((depth + 1)...)
            if entry.node.isDirectory {
                guard request.selection.isSelected(path, true) || request.selection.mayContainSelected(path) else {
                    return false
                }
                nodes.append(nodes[depth].child(Path(entry.name)))
                return true
            }
            if request.selection.isSelected(path, false) { check(entry, in: nodes[depth]) }
            return false
        }
        workers.drain()
        try context.ledger.check()
    }

    private func check(_ entry: TreeEntry, in folder: FolderNode) {
        guard case .file(let size, _, let digest, _) = entry.node else { return }
        let (name, context) = (Path(entry.name), context)
        workers.submit(cost: RestoreBatch.fileBytes) {
            guard !context.ledger.isStopped else { return }
            let path = folder.path(of: name)
            do throws(PosixError) {
                let file = try folder.opened().descriptor.open(name, [.read, .nonBlocking])
                let status = try file.status()
                if status.isRegular, status.size == size, try Self.digest(of: file) == digest {
                    context.ledger.verified()
                } else {
                    context.ledger.fail(path, .changed, "it does not have the recorded SHA-256 \(digest.hex)")
                }
            } catch { context.ledger.fail(path, error) }
        }
    }

    private static func digest(of file: borrowing FileDescriptor) throws(PosixError) -> SHA256Digest {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        let stream = SHA256Stream()
        var offset: UInt64 = 0
        while true {
            let count = try file.read(into: buffer, at: offset)
            if count == 0 { return stream.finish() }
            stream.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += UInt64(count)
        }
    }
}
