import ChunkStore
import Crypto
import Posix

/// Goes through the sources of a snapshot and stores what is there: one thread walks, a second compares with what is known, others read
/// files. Folders become directories as soon as everything in them is known (`FolderAssembly`).
final class TreeScan: Sendable {
    /// What is asked for.
    struct Request: Sendable {
        var sources: SourcePaths
        /// Whether files that look unchanged are taken over unread.
        var isTrusting = true
        /// Whether the chunks that the journal names are known to be stored; else each is looked up.
        var isProven = false
        var tolerance = JournalItem.Tolerance()
        /// Where there is no journal: what there was before.
        var earlierTree: EarlierTree?
        /// Whether there is an earlier snapshot of the sources, so that folders which only lead to them are not new.
        var hasBase = false
        var staysOnFileSystem = false
        /// Folders that are passed by, by device and inode: the repository and its cache.
        var avoided: Set<FileIdentity> = []
        var selection = Selection()
        var readers = 2
    }

    /// The tree of an earlier snapshot.
    struct EarlierTree: Sendable {
        let root: TreeEntry
        /// Whether a file that has the size and the time of then is taken for unchanged. Else all is read, and what is found different is
        /// stored as a difference.
        let isTrusted: Bool
    }

    /// A file's place on this machine.
    struct FileIdentity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
        init(_ status: FileStatus) {
            device = status.device
            inode = status.inode
        }
    }

    /// What came of it.
    struct Result: Sendable {
        let root: ChunkID
        let merkleRoot: SHA256Digest
        let totals: Totals
        /// In comparison with what the journal knew.
        let changes: ChangeStatistics
        /// Folders that were passed by, the first few of them.
        let avoided: [Path]
        /// How many of the sources are such folders.
        let avoidedSources: Int
    }

    /// What was met.
    struct Totals: Sendable, Hashable {
        var files = 0
        var directories = 0
        var others = 0
        var bytes: UInt64 = 0
        /// Files whose content was read.
        var filesRead = 0
    }

    struct State {
        var failure: CairnError?
        var totals = Totals()
        var changes = ChangeStatistics()
        var avoided: [Path] = []
        var avoidedSources = 0
        var sources: [Int: TreeEntry] = [:]
        var root: TreeEntry?
    }

    /// So many folders that were passed by are named.
    private static let avoidedMax = 16

    let request: Request
    let session: WriteSession
    let reader: ChunkReader
    let trees: TreeReader
    let journal: Journal?
    let links = HardLinks()
    let making = EntryMaking(accounts: Accounts())
    let progress: OperationProgress
    let cancellation: Cancellation
    let state = Monitor(State())
    private let onFailure: @Sendable (ItemFailure) -> Void
    /// Told of what differs from what the journal knew, as it is met.
    private let onItem: SnapshotTaking.ItemReport?

    init(
        _ request: Request, session: WriteSession, reader: ChunkReader, journal: Journal?, progress: OperationProgress,
        cancellation: Cancellation, onItem: SnapshotTaking.ItemReport? = nil,
        onFailure: @escaping @Sendable (ItemFailure) -> Void
    ) {
        self.request = request
        self.session = session
        self.reader = reader
        trees = TreeReader(reader)
        self.journal = journal
        self.progress = progress
        self.cancellation = cancellation
        self.onItem = onItem
        self.onFailure = onFailure
    }

    /// Goes through everything. What was put is durable only when the session is flushed.
    func run() throws(CairnError) -> Result {
        let files: Stage<FileJob>
        let intake: Stage<Sightings>
        do throws(PosixError) {
            files = try Stage("read", workers: max(1, request.readers), capacity: 1_024) {
                let intake = FileIntake(
                    session: self.session, reader: self.reader, making: self.making, progress: self.progress,
                    cancellation: self.cancellation)
                return { self.take($0, intake) }
            }
            intake = try Stage("compare", workers: 1, capacity: 4) {
                var intake = SightingIntake(self, files: files)
                return { intake.take($0) }
            }
        } catch { throw CairnError(.system, error) }
        do throws(CairnError) {
            var walk = SourceWalk(self, intake: intake)
            try walk.run()
        } catch { fail(error) }
        intake.close()
        files.close()
        try state.withLock { state throws(CairnError) in if let failure = state.failure { throw failure } }
        guard let root = state.withLock({ $0.root }) else {
            throw CairnError(.system, "the scan ended without a root")
        }
        return try result(root: root)
    }

    /// Stores the root of the tree, and sums up.
    func result(root: TreeEntry) throws(CairnError) -> Result {
        let id = try put(root.encode())
        let sources = state.withLock { $0.sources.sorted { $0.key < $1.key }.map(\.value) }
        var merkle = MerkleDigest.Root(of: sources)
        try links.digest(into: &merkle)
        return state.withLock { state in
            Result(
                root: id, merkleRoot: merkle.finish(), totals: state.totals, changes: state.changes,
                avoided: state.avoided, avoidedSources: state.avoidedSources)
        }
    }

    // MARK: What the walk and the readers share

    /// Throws what went wrong elsewhere, or that somebody wishes to stop.
    func check() throws(CairnError) {
        try cancellation.check()
        try state.withLock { state throws(CairnError) in if let failure = state.failure { throw failure } }
    }

    /// Something went wrong that concerns everything.
    func fail(_ error: CairnError) { state.withLock { if $0.failure == nil { $0.failure = error } } }

    /// A folder is passed by, because it belongs to the repository.
    func noteAvoided(_ path: Path, isSource: Bool) {
        state.withLock { state in
            // A folder may be met in many places, if it is mounted there.
            if state.avoided.count < Self.avoidedMax { state.avoided.append(path) }
            if isSource { state.avoidedSources += 1 }
        }
    }

    /// Something concerns one item alone.
    func report(_ path: Path, _ kind: ItemFailure.Kind, _ message: String) {
        progress.update { $0.failures += 1 }
        onFailure(ItemFailure(path: path, kind: kind, message: message))
    }

    func report(_ path: Path, _ error: PosixError) {
        let kind: ItemFailure.Kind =
            switch error.errno {
            case .noSuchFile, .notAFolder: .vanished
            case .stale, .linksInACircle, .noSuchDevice, .isAFolder: .replaced
            default: .access
            }
        report(path, kind, Self.words(error))
    }

    private static func words(_ error: PosixError) -> String {
        switch error.errno {
        case .noSuchFile, .notAFolder: "it vanished before it was read"
        case .stale, .linksInACircle, .noSuchDevice, .isAFolder: "it became something else before it was read"
        default: "it cannot be read: \(error.errno) (\(error.call))"
        }
    }

    func put(_ bytes: [UInt8], after parents: [ChunkID] = []) throws(CairnError) -> ChunkID {
        try storing { () throws(StoreError) in try session.put(bytes, as: .tree, after: parents) }
    }

    /// Whether everything that an entry names is stored.
    func isStored(_ entry: TreeEntry) throws(CairnError) -> Bool {
        switch entry.node {
        case .file(_, let content, _, let holes):
            guard try isStored(content) else { return false }
            return try isStored(holes)
        case .directory(let content, _): return try isStored(content)
        default: return true
        }
    }

    private func contains(_ id: ChunkID) throws(CairnError) -> Bool {
        try storing { () throws(StoreError) in try reader.contains(id) }
    }

    private func isStored(_ content: Content) throws(CairnError) -> Bool {
        switch content {
        case .empty, .inline: return true
        case .chunks(let chunks):
            for chunk in chunks {
                guard try contains(chunk.id) else { return false }
            }
            return true
        case .lists:
            var cursor = ChunkCursor(content, reader: reader)
            do throws(CairnError) {
                while let chunk = try cursor.next() {
                    guard try contains(chunk.id) else { return false }
                }
                return true
            } catch {
                // A list that is lost or damaged.
                guard [CairnError.Code.missing, .damaged].contains(error.code) else { throw error }
                return false
            }
        }
    }

    /// Whether everything that an entry names is stored, or can be made so with lists that are at hand; these are then stored.
    func makeStored(_ entry: TreeEntry, lists: [[UInt8]]) throws(CairnError) -> Bool {
        if try isStored(entry) { return true }
        guard case .file(_, let content, _, let holes) = entry.node, !lists.isEmpty else { return false }
        let atHand = Dictionary(lists.map { (ChunkID(of: $0), $0) }) { $1 }
        for content in [content, holes] where try !isStored(content, but: atHand) { return false }
        for list in lists { _ = try put(list) }
        return true
    }

    /// Whether a content is stored but for some lists, or pieces of a list of holes.
    private func isStored(_ content: Content, but atHand: [ChunkID: [UInt8]]) throws(CairnError) -> Bool {
        switch content {
        case .empty, .inline: return true
        case .chunks(let chunks):
            for chunk in chunks where atHand[chunk.id] == nil {
                guard try contains(chunk.id) else { return false }
            }
            return true
        case .lists(let depth, let lists):
            for list in lists {
                if let bytes = atHand[list.id], let below = try? Content(listed: bytes, by: list, depth: depth) {
                    guard try isStored(below, but: atHand) else { return false }
                } else {
                    guard try isStored(.lists(depth: depth, [list])) else { return false }
                }
            }
            return true
        }
    }

    // MARK: Settling

    /// Notes what became of a name, and of every directory that is complete with it.
    func settle(_ slot: FolderAssembly.Slot, _ outcome: FolderAssembly.Outcome) throws(CairnError) {
        guard let result = try slot.folder.settle(slot.index, outcome) else { return }
        try complete(slot.folder, result)
    }

    /// No more names come in a directory.
    func seal(_ folder: FolderAssembly) throws(CairnError) {
        if let result = try folder.seal() { try complete(folder, result) }
    }

    private func complete(_ folder: FolderAssembly, _ result: FolderAssembly.Result) throws(CairnError) {
        var done = (folder: folder, result: result)
        while true {
            let (item, outcome) = try finished(done.folder, done.result)
            guard let place = done.folder.place else { return state.withLock { $0.root = try? item.entry() } }
            guard let next = try place.folder.settle(place.index, outcome) else { return }
            done = (place.folder, next)
        }
    }

    private func finished(
        _ folder: FolderAssembly, _ result: FolderAssembly.Result
    ) throws(CairnError) -> (JournalItem, FolderAssembly.Outcome) {
        let own = folder.own
        let node: TreeEntry.Node
        switch result {
        case .same:
            guard let old = try? own.old?.entry() else {
                throw CairnError(.system, "the journal lost a folder while it was read", path: Path(folder.path))
            }
            node = old.node
        case .changed(let content, let digest): node = .directory(content: content, digest: digest)
        }
        let entry = making.entry(
            folder.place?.name ?? TreeEntry.rootName, own.status, node, attributes: own.attributes)
        progress.update { $0.directoriesDone += 1 }
        return try note(
            entry, own.status, isFresh: own.isFresh, old: own.old, in: folder.place?.folder, path: folder.path,
            source: own.source, isKnownToBe: own.leadsToSources && request.hasBase)
    }

    /// Counts an entry, and remembers it if it is a source; says what it is to its directory.
    func note(
        _ entry: TreeEntry, _ status: FileStatus, isFresh: Bool, old: JournalItem?, in folder: FolderAssembly?,
        path: @autoclosure () -> [UInt8], source: Int?, isKnownToBe: Bool = false
    ) throws(CairnError) -> (JournalItem, FolderAssembly.Outcome) {
        let item = JournalItem(status, isFresh: isFresh, entry: entry.encode())
        let isSame = item.bytes == old?.bytes
        if let source {
            state.withLock { $0.sources[source] = entry }
            if !isSame { try journal?.replace(Self.sourceKey(path()), pages: [item.bytes], after: 0) }
        }
        count(entry)
        if !isSame && !isKnownToBe {
            let before = try? old?.entry()
            if let change = TreeChange(path: [], old: before, new: entry) {
                state.withLock { $0.changes.add(change) }
                onItem?(Path(path()), change.kind)
            }
        }
        return (item, isSame && folder?.isKnown == true ? .same : .item(item))
    }

    /// Where the journal keeps what it knows of a source itself; no folder has such a path.
    static func sourceKey(_ path: [UInt8]) -> [UInt8] { [0] + path }

    func count(_ entry: TreeEntry) {
        state.withLock { state in
            switch entry.node {
            case .file(let size, _, _, _):
                state.totals.files += 1
                state.totals.bytes += size
            case .directory: state.totals.directories += 1
            default: state.totals.others += 1
            }
        }
    }
}

extension TreeScan {
    /// Counts, for the progress, a file that needs no reading.
    func countDone(_ status: FileStatus) {
        progress.update { progress in
            progress.filesDone += 1
            progress.bytesDone += status.isRegular ? status.size : 0
        }
    }

    /// Counts a file that was taken over.
    func countUnchanged(_ status: FileStatus) {
        countDone(status)
        state.withLock { state in
            if status.isRegular {
                state.totals.files += 1
                state.totals.bytes += status.size
            } else {
                state.totals.others += 1
            }
        }
    }
}
