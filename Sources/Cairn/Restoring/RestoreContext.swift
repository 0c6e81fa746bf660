import ChunkStore
import Posix

/// What all parts of one restore share. Any thread may call.
final class RestoreContext: Sendable {
    let request: RestoreRequest
    let reader: ChunkReader
    let ledger: RestoreLedger
    let metadata: MetadataSetter
    let openFiles = OpenFilePool(limit: 64)
    /// Files with several names in the snapshot that are still being written, by their group.
    let linked = Monitor<[UInt64: RestoredFile]>([:])

    init(_ request: RestoreRequest, reader: ChunkReader, ledger: RestoreLedger) {
        self.request = request
        self.reader = reader
        self.ledger = ledger
        metadata = MetadataSetter(owners: request.owners, isDryRun: request.isDryRun, ledger: ledger)
    }
}

/// A file that several threads write to; closed when the last lets go.
final class OpenFile: Sendable {
    let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
}

/// Sees to it that not too many files are open at once: the one that was opened first is closed first, and opened again when needed.
final class OpenFilePool: Sendable {
    private struct Weak { weak var file: RestoredFile? }

    private let limit: Int
    private let files = Monitor<[Weak]>([])

    init(limit: Int) { self.limit = limit }

    func opened(_ file: RestoredFile) {
        let evicted = files.withLock { files -> [Weak] in
            files.append(Weak(file: file))
            guard files.count > 2 * limit else { return [] }
            defer { files.removeFirst(limit) }
            return Array(files[..<limit])
        }
        for weak in evicted where weak.file !== file { weak.file?.letGo() }
    }
}
