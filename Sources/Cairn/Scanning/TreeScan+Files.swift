import ChunkStore
import Posix

/// A file whose turn to be read comes.
struct FileJob: Sendable {
    let slot: FolderAssembly.Slot
    let folder: FolderNode
    let name: Path
    /// What the walk saw of it.
    let seen: FileStatus
    /// What was known of it, if anything.
    let old: JournalItem?
    /// Where nothing was: a file of the same name elsewhere that it may be a copy of.
    let namesake: JournalItem?
    /// Whether the file looks as it did then, so that its content is probably what it was.
    let isExpected: Bool
    /// Its group, if it has several names.
    let group: UInt64?
    let source: Int?
}

extension TreeScan {
    /// Reads a file and notes what it became. Failures of the file are reported; all others end the scan.
    func take(_ job: FileJob, _ intake: FileIntake) {
        do throws(CairnError) {
            try check()
            try read(job, intake)
        } catch { fail(error) }
    }

    private func read(_ job: FileJob, _ intake: FileIntake) throws(CairnError) {
        let product: FileIntake.Product
        do throws(FileIntake.Trouble) {
            let folder: OpenFolder
            do throws(PosixError) { folder = try job.folder.opened() } catch { throw .file(error) }
            progress.update { $0.current = Path(job.slot.path) }
            let old = (try? job.old?.entry()) ?? job.namesake.flatMap { try? $0.entry() }
            product = try intake.take(
                job.name, in: folder, near: OrderKey(job.name, in: job.folder.name), seen: job.seen, old: old,
                isExpected: job.isExpected)
        } catch {
            switch error {
            case .all(let error): throw error
            case .file(let error):
                report(job.folder.path(of: job.name), error)
                if let group = job.group { try links.settle(group, nil) }
                return try settle(job.slot, .left)
            }
        }
        state.withLock { $0.totals.filesRead += 1 }
        if let failure = product.failure {
            report(
                job.folder.path(of: job.name), failure,
                "it changed while it was read, twice; what was read last is kept")
        }
        let entry = making.entry(
            job.slot.name, product.status, product.node, attributes: product.attributes, linkGroup: job.group)
        progress.update { $0.filesDone += 1 }
        let (item, outcome) = try note(
            entry, product.status, isFresh: product.isFresh, old: job.old, in: job.slot.folder, path: job.slot.path,
            source: job.source)
        if product.status.size > 0 { journal?.noteFinished(job.slot.key, item, lists: product.lists) }
        if let group = job.group { try links.settle(group, entry) }
        try settle(job.slot, outcome)
    }
}
