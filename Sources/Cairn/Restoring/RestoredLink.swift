import Posix

/// A further name of a file that has been restored.
struct RestoredLink {
    let name: Path
    let directory: RestoredDirectory
    let context: RestoreContext

    /// Makes the name, unless it is one of that file already. What has the name is replaced when the link is there.
    func make(to first: Path, in folder: FolderNode) {
        let path = { directory.node.path(of: name) }
        guard !context.ledger.isStopped else { return }
        do throws(PosixError) {
            let source = try folder.opened()
            let status = try source.descriptor.status(of: first)
            let target = try directory.node.opened()
            if let there = try? target.descriptor.status(of: name) {
                if (there.device, there.inode) == (status.device, status.inode) {
                    return context.ledger.finished(path(), .unchanged, size: status.size)
                }
                let staging = StagingName.make()
                try target.descriptor.makeHardLink(staging, to: first, in: source.descriptor)
                do throws(PosixError) { try target.descriptor.rename(staging, to: name, in: target.descriptor) } catch {
                    try? target.descriptor.remove(staging)
                    throw error
                }
            } else {
                try target.descriptor.makeHardLink(name, to: first, in: source.descriptor)
            }
            context.ledger.finished(path(), .restored, size: status.size)
        } catch {
            if error.errno == .noSuchFile {
                return context.ledger.fail(
                    path(), .missing, "it is another name of \(folder.path(of: first)), which could not be restored")
            }
            context.ledger.fail(path(), error)
        }
    }
}
