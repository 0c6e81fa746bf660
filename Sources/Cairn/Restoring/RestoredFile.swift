import ChunkStore
import Posix

/// A regular file on its way into the target. Its chunks come in any order, from any thread; when the last is there, the file gets its
/// metadata and is done. It ends whole, or as it was before, or not at all.
final class RestoredFile: Sendable {
    /// How its bytes get there.
    enum Way: Sendable {
        /// Nothing has the name yet.
        case new
        /// The file that is there has been right so far.
        case kept(FileStatus)
        /// The file that is there is being changed.
        case inPlace(FileStatus, UndoLog?)
        /// It is written under another name, and replaces what is there when it is whole.
        case staged(Path)
    }

    struct State {
        var way: Way
        /// What has not come yet, and one more while chunks are being listed.
        var remaining = 1
        var open: OpenFile?
        /// The file that was made or opened for writing: if its name belongs to another one later, nothing is written there.
        var written: (device: UInt64, inode: UInt64)?
        var bytesWritten: UInt64 = 0
        /// Where the written bytes end.
        var end: UInt64 = 0
        var lost: [Range<UInt64>] = []
        var failure: (kind: ItemFailure.Kind, message: String)?
        /// A call that failed; said through the ledger, which knows when to stop.
        var refusal: PosixError?
        /// Whether a dry run would change content.
        var differs = false
        var links: [(directory: RestoredDirectory, name: Path)] = []
        var isFinished = false
    }

    let entry: TreeEntry
    let size: UInt64
    let name: Path
    let directory: RestoredDirectory
    let holes: RestoredHoles
    /// Whether there is a file that may be right already.
    let isCompared: Bool
    let context: RestoreContext
    let state: Monitor<State>

    /// The entry's content is not kept here.
    init(
        _ entry: TreeEntry, in directory: RestoredDirectory, way: Way, holes: RestoredHoles, context: RestoreContext
    ) {
        var kept = entry
        if case .file(let size, _, let digest, _) = entry.node {
            self.size = size
            kept.node = .file(size: size, content: .empty, digest: digest, holes: .empty)
        } else {
            size = 0
        }
        self.entry = kept
        self.directory = directory
        self.holes = holes
        self.context = context
        name = Path(entry.name)
        if case .kept = way { isCompared = true } else { isCompared = false }
        state = Monitor(State(way: way))
        directory.begin()
    }

    var path: Path { directory.node.path(of: name) }

    // MARK: Chunks

    /// So many more chunks will come.
    func expect(_ count: Int) { state.withLock { $0.remaining += count } }

    /// So many of the expected have come, or will not.
    func settle(_ count: Int) {
        let isLast = state.withLock { state in
            state.remaining -= count
            return state.remaining == 0
        }
        if isLast { finish() }
    }

    /// Bytes that belong at an offset.
    struct Piece {
        let offset: UInt64
        let bytes: UnsafeRawBufferPointer
    }

    /// Writes pieces that have come.
    func write(_ pieces: some Collection<Piece>) {
        guard !hasFailed, !context.ledger.isStopped else { return }
        do throws(PosixError) {
            let file = try opened()
            for piece in pieces { try put(piece, into: file) }
        } catch { refuse(error) }
    }

    /// A chunk is damaged or gone.
    func lose(_ range: Range<UInt64>, _ why: String) {
        state.withLock { state in
            if state.lost.count < 4 { state.lost.append(range) }
            if state.failure == nil { state.failure = (.damaged, why) }
        }
    }

    var hasFailed: Bool { state.withLock { $0.failure != nil || $0.refusal != nil } }

    func refuse(_ error: PosixError) {
        state.withLock { if $0.refusal == nil { $0.refusal = error } }
    }

    func put(_ piece: Piece, into file: OpenFile) throws(PosixError) {
        let isFresh =
            switch state.withLock({ $0.way }) {
            case .new, .staged: true
            case .kept, .inPlace: false
            }
        try holes.forEachStretch(of: piece.bytes, at: piece.offset) { bytes, offset, isHole throws(PosixError) in
            if isHole {
                if isFresh { return }
                if try file.descriptor.punchHole(at: offset, count: UInt64(bytes.count)) { return }
            }
            try file.descriptor.write(all: bytes, at: offset)
            state.withLock { $0.end = max($0.end, offset + UInt64(bytes.count)) }
        }
        state.withLock { $0.bytesWritten += UInt64(piece.bytes.count) }
        context.ledger.wrote(piece.bytes.count)
    }

    // MARK: Open files

    /// The file, open for writing; made where it is not there yet.
    func opened() throws(PosixError) -> OpenFile {
        if let open = state.withLock({ $0.open }) { return open }
        let folder = try directory.node.opened()
        return try state.withLock { state throws(PosixError) in
            if let open = state.open { return open }
            let descriptor: FileDescriptor
            switch state.way {
            case .new: descriptor = try Self.open(name, in: folder.descriptor, state.written == nil)
            case .staged(let staging):
                descriptor = try Self.open(staging, in: folder.descriptor, state.written == nil)
                _ = try descriptor.tryLock()
            case .inPlace, .kept: descriptor = try folder.descriptor.open(name, .write.union(.nonBlocking))
            }
            let status = try descriptor.status()
            if case .kept(let before) = state.way, (before.device, before.inode) != (status.device, status.inode) {
                throw PosixError(call: "open", path: path, errno: .stale)
            }
            if let written = state.written, written != (status.device, status.inode) {
                throw PosixError(call: "open", path: path, errno: .stale)
            }
            state.written = (status.device, status.inode)
            let open = OpenFile(descriptor)
            state.open = open
            return open
        }
    }

    private static func open(
        _ name: Path, in folder: borrowing FileDescriptor, _ isNew: Bool
    ) throws(PosixError) -> FileDescriptor {
        try folder.open(name, isNew ? [.write, .create, .exclusive] : .write)
    }

    /// Closes the file as soon as nobody writes to it; it will be opened again when needed.
    func letGo() { state.withLock { $0.open = nil } }

    /// Whether nothing more will be written.
    var isDone: Bool { state.withLock { $0.isFinished || $0.remaining == 0 } }

    // MARK: Links

    /// Asks for another name of the file as soon as it is whole; false if it is finished already.
    func link(in directory: RestoredDirectory, name: Path) -> Bool {
        let isWaiting = state.withLock { state in
            if !state.isFinished { state.links.append((directory, name)) }
            return !state.isFinished
        }
        if isWaiting { directory.begin() }
        return isWaiting
    }
}
