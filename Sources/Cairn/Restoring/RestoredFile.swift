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
        /// What the kernel said of a file that was just made, until somebody else may have changed it.
        var made: FileStatus?
        /// What has not come yet, and one more while chunks are being listed.
        var remaining = 1
        var open: OpenFile?
        /// The file that was made or opened for writing: if its name belongs to another one later, nothing is written there.
        var written: (device: UInt64, inode: UInt64)?
        var bytesWritten: UInt64 = 0
        /// Where the written bytes end.
        var end: UInt64 = 0
        var lost: [Range<UInt64>] = []
        var failure: CairnError?
        /// A call that failed; said through the ledger, which knows when to stop.
        var refusal: PosixError?
        /// Whether a dry run would change content.
        var differs = false
        var links: [(directory: RestoredDirectory, name: Path)] = []
        var isFinished = false

        var hasFailed: Bool { failure != nil || refusal != nil }

        /// Whether nothing was there that is overwritten.
        var isFresh: Bool {
            switch way {
            case .new, .staged: true
            case .kept, .inPlace: false
            }
        }
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

    /// So many of the expected have come, or will not. Returns whether they were the last.
    @discardableResult
    func settle(_ count: Int) -> Bool {
        let isLast = state.withLock { state in
            state.remaining -= count
            return state.remaining == 0
        }
        if isLast { finish() }
        return isLast
    }

    /// Bytes that belong at an offset.
    struct Piece {
        let offset: UInt64
        let bytes: UnsafeRawBufferPointer
    }

    /// What was written by one thread and is not written down yet.
    struct Written {
        var bytes: UInt64 = 0
        var end: UInt64 = 0
    }

    /// Writes pieces that have come.
    func write(_ pieces: [Piece]) {
        let isFresh: Bool? = state.withLock { $0.hasFailed ? nil : $0.isFresh }
        guard let isFresh, !context.ledger.isStopped else { return }
        var written = Written()
        do throws(PosixError) {
            let isWhole = pieces.reduce(0) { $0 + UInt64($1.bytes.count) } == size
            let file = try opened(isWhole: isWhole)
            for piece in pieces { try put(piece, into: file, isFresh: isFresh, &written) }
        } catch { refuse(error) }
        note(written)
    }

    /// A chunk is damaged or gone.
    func lose(_ range: Range<UInt64>, _ why: CairnError) {
        state.withLock { state in
            if state.lost.count < 4 { state.lost.append(range) }
            if state.failure == nil { state.failure = why }
        }
    }

    var hasFailed: Bool { state.withLock { $0.hasFailed } }

    func refuse(_ error: PosixError) {
        state.withLock { if $0.refusal == nil { $0.refusal = error } }
    }

    func put(_ piece: Piece, into file: OpenFile) throws(PosixError) {
        let isFresh = state.withLock { $0.isFresh }
        var written = Written()
        defer { note(written) }
        try put(piece, into: file, isFresh: isFresh, &written)
    }

    private func put(
        _ piece: Piece, into file: OpenFile, isFresh: Bool, _ written: inout Written
    ) throws(PosixError) {
        try holes.forEachStretch(of: piece.bytes, at: piece.offset) { bytes, offset, isHole throws(PosixError) in
            if isHole {
                if isFresh { return }
                if try file.descriptor.punchHole(at: offset, count: UInt64(bytes.count)) { return }
            }
            try file.descriptor.write(all: bytes, at: offset)
            written.end = max(written.end, offset + UInt64(bytes.count))
        }
        written.bytes += UInt64(piece.bytes.count)
    }

    private func note(_ written: Written) {
        if written.bytes == 0 { return }
        state.withLock { state in
            state.end = max(state.end, written.end)
            state.bytesWritten += written.bytes
        }
        context.ledger.wrote(written.bytes)
    }

    // MARK: Open files

    /// The file, open for writing; made where it is not there yet. One whose content comes `isWhole` may have its mode at once; until the content
    /// of any other is whole, nobody else can read it.
    func opened(isWhole: Bool = false) throws(PosixError) -> OpenFile {
        if let open = state.withLock({ $0.open }) { return open }
        let mode = isWhole ? context.metadata.modeWhenMade(of: entry) : MetadataSetter.unfinishedMode
        let folder = try directory.node.opened()
        return try state.withLock { state throws(PosixError) in
            if let open = state.open { return open }
            let descriptor: FileDescriptor
            switch state.way {
            case .new: descriptor = try Self.open(name, in: folder.descriptor, state.written == nil, mode)
            case .staged(let staging):
                descriptor = try Self.open(staging, in: folder.descriptor, state.written == nil, mode)
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
            // Nobody else has changed it if it was not closed since it was made.
            state.made = state.written == nil && state.isFresh ? status : nil
            state.written = (status.device, status.inode)
            let open = OpenFile(descriptor)
            state.open = open
            return open
        }
    }

    private static func open(
        _ name: Path, in folder: borrowing FileDescriptor, _ isNew: Bool, _ mode: UInt32
    ) throws(PosixError) -> FileDescriptor {
        try folder.open(name, isNew ? [.write, .create, .exclusive] : .write, mode: mode)
    }

    /// Closes the file as soon as nobody writes to it; it will be opened again when needed.
    func letGo() { state.withLock { $0.open = nil } }

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
