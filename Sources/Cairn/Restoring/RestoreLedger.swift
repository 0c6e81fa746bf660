import ChunkStore
import Posix

/// Where all threads of a restore write down what they did, and whether it is to go on. Any thread may call. The progress that others look at
/// is brought up to date once for many items.
final class RestoreLedger: Sendable {
    private struct State {
        var summary = RestoreSummary()
        /// Why everything stops.
        var end: CairnError?
        var unsaid = Unsaid()

        mutating func takeUnsaid() -> Unsaid {
            defer { unsaid = Unsaid() }
            return unsaid
        }
    }

    /// What the progress does not show yet.
    private struct Unsaid {
        var events = 0
        var filesFound = 0
        var bytesFound: UInt64 = 0
        var filesDone = 0
        var directoriesDone = 0
        var bytesDone: UInt64 = 0
    }

    /// So much happens before the progress is brought up to date.
    private static let eventsMax = 64
    private static let bytesMax: UInt64 = 4 << 20

    private let state = Monitor(State())
    private let progress: OperationProgress
    private let cancellation: Cancellation
    private let onFailure: @Sendable (ItemFailure) -> Void
    private let onItem: (@Sendable (Path, RestoreAction) -> Void)?

    init(
        progress: OperationProgress, cancellation: Cancellation, onFailure: @escaping @Sendable (ItemFailure) -> Void,
        onItem: (@Sendable (Path, RestoreAction) -> Void)?
    ) {
        self.progress = progress
        self.cancellation = cancellation
        self.onFailure = onFailure
        self.onItem = onItem
    }

    var summary: RestoreSummary { state.withLock { $0.summary } }

    /// Whether no new work is to begin.
    var isStopped: Bool { cancellation.isCancelled || state.withLock { $0.end != nil } }

    /// Throws what stopped the restore, if anything did.
    func check() throws(CairnError) {
        if let end = state.withLock({ $0.end }) { throw end }
        try cancellation.check()
    }

    /// Stops everything.
    func stop(_ error: CairnError) { state.withLock { if $0.end == nil { $0.end = error } } }

    // MARK: What is met

    func found(_ entry: TreeEntry) {
        if entry.node.isDirectory { return }
        let size = entry.node.fileSize ?? 0
        note { state in
            state.summary.totalFiles += 1
            state.summary.totalBytes &+= size
            state.unsaid.filesFound += 1
            state.unsaid.bytesFound &+= size
        }
    }

    func foundAll() {
        say(state.withLock { $0.takeUnsaid() })
        progress.update { $0.isTotalFinal = true }
    }

    func working(on path: @autoclosure () -> Path) { progress.update { $0.current = path() } }

    func phase(_ name: String) {
        say(state.withLock { $0.takeUnsaid() })
        progress.update { $0.phase = name }
    }

    /// Writes something down, and brings the progress up to date if it is time.
    private func note(_ change: (inout State) -> Void) {
        let due: Unsaid? = state.withLock { state in
            change(&state)
            state.unsaid.events += 1
            let isDue = state.unsaid.events >= Self.eventsMax || state.unsaid.bytesDone >= Self.bytesMax
            return isDue ? state.takeUnsaid() : nil
        }
        if let due { say(due) }
    }

    private func say(_ unsaid: Unsaid) {
        progress.update { progress in
            progress.filesTotal = (progress.filesTotal ?? 0) + unsaid.filesFound
            progress.bytesTotal = (progress.bytesTotal ?? 0) &+ unsaid.bytesFound
            progress.filesDone += unsaid.filesDone
            progress.directoriesDone += unsaid.directoriesDone
            progress.bytesDone &+= unsaid.bytesDone
        }
    }

    // MARK: What is done

    /// A file, link or the like is finished; of a file with so many bytes, so many were written.
    func finished(_ path: @autoclosure () -> Path, _ action: RestoreAction, size: UInt64 = 0, written: UInt64 = 0) {
        note { state in
            switch action {
            case .restored, .updated: state.summary.filesRestored += 1
            case .unchanged: state.summary.filesUnchanged += 1
            case .skipped: state.summary.filesSkipped += 1
            case .deleted: state.summary.filesDeleted += 1
            }
            state.summary.bytesRestored &+= min(written, size)
            if action != .skipped { state.summary.bytesUnchanged &+= size - min(written, size) }
            if action == .deleted { return }
            state.unsaid.filesDone += 1
            // What was written has been counted as it was written.
            state.unsaid.bytesDone &+= size - min(written, size)
        }
        onItem?(path(), action)
    }

    func wrote(_ count: UInt64) { note { $0.unsaid.bytesDone &+= count } }

    func finishedDirectory(_ path: @autoclosure () -> Path, _ action: RestoreAction) {
        note { state in
            state.summary.directories += 1
            state.unsaid.directoriesDone += 1
        }
        onItem?(path(), action)
    }

    func verified() { state.withLock { $0.summary.filesVerified += 1 } }

    func synchronized(seconds: Double) { state.withLock { $0.summary.secondsSynchronizing = seconds } }

    func refused(_ what: RestoreSummary.Refusal) { state.withLock { $0.summary.refusals[what, default: 0] += 1 } }

    // MARK: What failed

    func fail(
        _ path: Path, _ kind: ItemFailure.Kind, _ message: String, damage: CairnError? = nil,
        staysAsBefore: Bool = false
    ) {
        state.withLock { state in
            state.summary.errors += 1
            if kind == .damaged { state.summary.damaged += 1 }
        }
        progress.update { $0.failures += 1 }
        onFailure(
            ItemFailure(path: path, kind: kind, message: message, damage: damage, staysAsBefore: staysAsBefore))
    }

    /// A call on an item failed. Where the disk is full or cannot be written at all, everything stops; else the item alone failed.
    func fail(_ path: Path, _ error: PosixError) {
        switch error.errno {
        case .noSpace, .quotaExceeded:
            stop(
                CairnError(
                    .target, "no space is left on the file system of the target", path: path,
                    remedy: "free some space there and run the same again: what is complete stays and is passed by"))
        case .readOnlyFileSystem:
            stop(CairnError(.target, "the file system of the target can only be read", path: path))
        default:
            fail(path, .access, RestoreLedger.words(error))
        }
    }

    /// A chunk or a tree could not be read: damage belongs to the item, anything else stops the restore.
    func fail(_ path: Path, _ error: CairnError) {
        if error.code == .damaged || error.code == .missing {
            fail(path, .damaged, error.description, damage: error)
        } else {
            stop(error)
        }
    }

    static func words(_ error: PosixError) -> String {
        switch error.errno {
        case .notPermitted:
            "\(error.call): \(error.errno); it may be immutable (lsattr shows that) or belong to somebody else"
        case .linksInACircle, .notAFolder, .stale:
            "\(error.call): it was replaced while it was being restored; nothing was written through it"
        default: "\(error.call): \(error.errno)"
        }
    }
}
