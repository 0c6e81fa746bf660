public import ChunkStore
import Crypto
public import Posix

/// Takes a snapshot: scans the sources, stores what is new, and commits a manifest. The manifest is the last thing that is written; whatever
/// stops before it leaves chunks that the next snapshot finds.
public struct SnapshotTaking: Sendable {
    private let store: Store
    private let request: SnapshotRequest

    /// Prepares to take a snapshot into a store.
    public init(_ store: Store, _ request: SnapshotRequest) {
        self.store = store
        self.request = request
    }

    /// Is told of a file or folder that is new or has changed, and how. Called on any thread.
    public typealias ItemReport = @Sendable (Path, TreeChange.Kind) -> Void

    /// Takes the snapshot. Items that cannot be read go to `onFailure`, on any thread; the rest goes on. What is new or has changed since the
    /// snapshot that this one is compared with goes to `onItem`: as it is met where the journal can tell, else in the end.
    public func run(
        progress: OperationProgress = OperationProgress(), cancellation: Cancellation = Cancellation(),
        onFailure: @escaping @Sendable (ItemFailure) -> Void = { _ in }, onItem: ItemReport? = nil
    ) throws(CairnError) -> SnapshotOutcome {
        let sources: SourcePaths
        switch request.source {
        case .paths(let paths): sources = try SourcePaths(paths)
        case .stream(let path, _): sources = try SourcePaths([path], followsLinks: false)
        }
        guard !sources.paths.isEmpty else {
            throw CairnError(.usage, "there is nothing to take a snapshot of", remedy: "name files or folders")
        }
        progress.update { $0.phase = "opening the repository" }
        let session = try storing { () throws(StoreError) in
            request.isRehearsal ? try store.rehearse() : try store.write(for: "snapshot")
        }
        defer { session.close() }
        var attempt = SnapshotAttempt(
            store: store, request: request, sources: sources, session: session, progress: progress,
            cancellation: cancellation, failures: FailureList(session), onItem: onItem, onFailure: onFailure)
        // Whoever wishes it to end waits until what was read is stored.
        return try cancellation.hurrying({ session.hurry() }) { () throws(CairnError) in try attempt.run() }
    }
}

/// One snapshot on its way.
struct SnapshotAttempt {
    let store: Store
    let request: SnapshotRequest
    let sources: SourcePaths
    let session: WriteSession
    private var reader: ChunkReader { session.reader }
    let progress: OperationProgress
    let cancellation: Cancellation
    let failures: FailureList
    /// Nil when there is nobody to tell, or no more to be told.
    private var onItem: SnapshotTaking.ItemReport?
    let onFailure: @Sendable (ItemFailure) -> Void
    private let began = SnapshotTime.now()
    private let start = Machine.monotonicNanoseconds
    private var warnings: [String] = []

    init(
        store: Store, request: SnapshotRequest, sources: SourcePaths, session: WriteSession,
        progress: OperationProgress, cancellation: Cancellation, failures: FailureList,
        onItem: SnapshotTaking.ItemReport?,
        onFailure: @escaping @Sendable (ItemFailure) -> Void
    ) {
        self.store = store
        self.request = request
        self.sources = sources
        self.session = session
        self.progress = progress
        self.cancellation = cancellation
        self.failures = failures
        self.onItem = onItem
        self.onFailure = onFailure
    }

    mutating func run() throws(CairnError) -> SnapshotOutcome {
        let list = try SnapshotList(store)
        let (strategy, base) = chooseBase(in: list)
        var journal = try openJournal()
        var isFinished = false
        defer { if !isFinished { journal?.close() } }
        progress.update { $0.phase = "reading" }
        let result = try scan(strategy, base, helpedBy: &journal, list)
        if failures.missingSources == sources.paths.count, case .paths = request.source {
            throw CairnError(
                .source, sources.paths.count == 1 ? "there is no such file or folder" : "none of the sources is there",
                path: sources.paths[0], remedy: "check the paths")
        }
        if result.avoidedSources == sources.paths.count {
            throw CairnError(
                .source, "this is the repository in use, or its cache: neither is ever part of a snapshot",
                path: sources.paths[0], remedy: "name other files or folders")
        }
        var outcome = SnapshotOutcome(
            snapshot: nil, base: base, strategy: strategy, statistics: Manifest.Statistics(),
            filesRead: result.totals.filesRead, rootHash: result.merkleRoot.hex, isIncomplete: failures.count > 0,
            isRehearsal: request.isRehearsal, covered: sources.covered, followed: sources.followed,
            avoided: result.avoided, warnings: [])
        let isUnchanged = base.map { $0.manifest.rootHash == result.merkleRoot && failures.count == 0 } ?? false
        if request.isRehearsal {
            outcome.statistics = statistics(result.totals, result.changes)
        } else if request.skipsUnchanged, isUnchanged {
            // What the way to the sources looks like now is not worth a pack; the session lets it go.
            outcome.statistics = statistics(result.totals, ChangeStatistics())
        } else {
            progress.update { $0.phase = "storing" }
            failures.finish()
            try storing { () throws(StoreError) in
                try session.flush()
                if request.verifiesPacks { try session.verifyPacks() }
            }
            let changes = try changes(from: base, to: result)
            outcome.statistics = statistics(result.totals, changes)
            let kept = try commit(result, strategy, base, list, outcome.statistics)
            outcome.snapshot = kept
            if let journal {
                // What it remembers is only a help: a failure here costs time, and nothing else.
                do throws(CairnError) {
                    let mark = try storing { () throws(StoreError) in try store.lossMark() }
                    try journal.finish(Journal.Basis(manifest: Self.basis(kept), catalogMark: mark))
                    isFinished = true
                } catch { warnings.append("\(error); the next snapshot may have to read more") }
            }
        }
        progress.update { $0.phase = "done" }
        outcome.warnings = warnings
        outcome.damage = list.failures + list.healed
        return outcome
    }

    // MARK: What is known

    private func chooseBase(in list: SnapshotList) -> (Strategy, Snapshot?) {
        if let parent = request.parent { return (request.strategy, parent) }
        let latest = list.latestOfSource(host: request.host, paths: sources.paths)
        switch request.strategy {
        case .full: return (.full, latest)
        case .incremental: return (latest == nil ? .full : .incremental, latest)
        case .differential:
            let full = list.latestFull(host: request.host, paths: sources.paths)
            return (full == nil ? .full : .differential, full ?? latest)
        }
    }

    /// The journal of the source, if there is a place for it.
    private mutating func openJournal() throws(CairnError) -> Journal? {
        guard case .paths = request.source,
            let folder = try storing({ () throws(StoreError) in try store.cacheFolder() })
        else { return nil }
        do throws(CairnError) {
            return try Journal.open(
                in: folder, host: request.host, paths: sources.paths, isRehearsal: request.isRehearsal)
        } catch {
            warnings.append("\(error); this run goes on without it")
            return nil
        }
    }

    /// How a journal names the snapshot that it describes: retagging changes neither.
    private static func basis(_ snapshot: Snapshot) -> String { "\(snapshot.id) \(snapshot.manifest.tree)" }

    // MARK: Scanning

    /// Scans with the journal. That is only a help, so its loss costs time alone: it begins all over again with an empty one, and, where that is
    /// lost too, for its disk fails, without any.
    private mutating func scan(
        _ strategy: Strategy, _ base: Snapshot?, helpedBy journal: inout Journal?, _ list: SnapshotList
    ) throws(CairnError) -> TreeScan.Result {
        var isRemade = false
        while true {
            do throws(CairnError) { return try scan(strategy, base, journal, list) } catch {
                guard let lost = journal, lost.isDamaged else { throw error }
                if isRemade {
                    lost.close()
                    journal = nil
                } else {
                    journal = lost.remade()
                    let fate = journal == nil ? "this run goes on without it" : "it was made anew"
                    warnings.append("\(error); \(fate), and everything was read")
                }
                isRemade = true
                failures.removeAll()
                progress.update { progress in
                    (progress.filesDone, progress.directoriesDone, progress.bytesDone, progress.failures) = (0, 0, 0, 0)
                }
            }
        }
    }

    private mutating func scan(
        _ strategy: Strategy, _ base: Snapshot?, _ journal: Journal?, _ list: SnapshotList
    ) throws(CairnError) -> TreeScan.Result {
        var scanRequest = TreeScan.Request(sources: sources)
        scanRequest.isTrusting = strategy != .full || base == nil
        scanRequest.tolerance.ignoresInode = request.ignoresInode
        scanRequest.tolerance.ignoresChangeTime = request.ignoresChangeTime
        scanRequest.staysOnFileSystem = request.staysOnFileSystem
        scanRequest.selection = request.selection
        scanRequest.hasBase = base != nil
        scanRequest.readers = readers
        for path in request.avoided {
            if let status = try? Folder.status(path) { scanRequest.avoided.insert(TreeScan.FileIdentity(status)) }
        }
        let basis = try journal?.basis()
        if let basis {
            let mark = try storing { () throws(StoreError) in try store.lossMark() }
            scanRequest.isProven =
                basis.bootID == Machine.bootID && basis.catalogMark == mark
                && list.snapshots.contains { Self.basis($0) == basis.manifest }
        }
        if basis == nil, let base {
            try look(back: base, isTrusted: strategy != .full && request.trust == .modificationTime, &scanRequest)
        }
        let (failures, onFailure, onItem) = (failures, onFailure, onItem)
        // What the journal remembers is not always what is compared with.
        let tellsAtOnce = base == nil || request.isRehearsal || basis?.manifest == base.map(Self.basis)
        if tellsAtOnce { self.onItem = nil }
        for failure in request.failures {
            failures.add(failure)
            onFailure(failure)
        }
        let scan = TreeScan(
            scanRequest, session: session, reader: reader, journal: journal, progress: progress,
            cancellation: cancellation, onItem: tellsAtOnce ? onItem : nil
        ) { failure in
            failures.add(failure)
            onFailure(failure)
        }
        do throws(CairnError) {
            if case .stream(_, let stream) = request.source { return try scan.run(stream) }
            let census = request.countsAhead ? SourceCensus(scanRequest, progress: progress) : nil
            defer { census?.end() }
            return try scan.run()
        } catch {
            // What was read so far is stored, so that the next run need not read it again.
            if error.code == .cancelled { try? session.flush() }
            throw error
        }
    }

    /// Without a journal, the base tells what there was.
    private func look(
        back base: Snapshot, isTrusted: Bool, _ scanRequest: inout TreeScan.Request
    ) throws(CairnError) {
        do throws(CairnError) {
            let root = try TreeReader(reader).root(base.manifest.tree)
            scanRequest.earlierTree = TreeScan.EarlierTree(root: root, isTrusted: isTrusted)
        } catch { if isTrusted { throw error } }
        if isTrusted { scanRequest.tolerance = JournalItem.Tolerance(ignoresInode: true, ignoresChangeTime: true) }
    }

    private var readers: Int { min(request.readers ?? max(2, Machine.processorCount), session.streamLimit) }

    // MARK: Committing

    private mutating func changes(
        from base: Snapshot?, to result: TreeScan.Result
    ) throws(CairnError) -> ChangeStatistics {
        guard let base else { return result.changes }
        if base.manifest.tree == result.root { return ChangeStatistics() }
        var changes = ChangeStatistics()
        let trees = TreeReader(reader)
        let new = try trees.root(result.root)
        let unread = failures.namedPaths
        do throws(CairnError) {
            let old = try trees.root(base.manifest.tree)
            try TreeComparison(trees, old: old, new: new).run(cancellation: cancellation) { change in
                let path = Path("/").appending(Path(change.path))
                // What could not be read is not in the new tree, and yet nobody has removed it.
                if change.kind == .removed, Self.isBelow(unread, path) { return }
                changes.add(change)
                if change.kind != .removed, !sources.lead(through: path) { onItem?(path, change.kind) }
            }
        } catch {
            guard [CairnError.Code.damaged, .missing].contains(error.code) else { throw error }
            warnings.append("what has changed since snapshot \(base.id.short) cannot be counted: \(error)")
        }
        return changes
    }

    /// Whether a path, or a folder above it, is among these. There may be millions to ask for, so each costs only its own depth.
    private static func isBelow(_ paths: Set<Path>, _ path: Path) -> Bool {
        guard !paths.isEmpty else { return false }
        var path = path
        while !paths.contains(path) {
            let parent = path.parent
            if parent == path { return false }
            path = parent
        }
        return true
    }

    private func statistics(_ totals: TreeScan.Totals, _ changes: ChangeStatistics) -> Manifest.Statistics {
        var changes = changes
        changes.setUnmodified(
            ChangeStatistics.Totals(files: totals.files, directories: totals.directories, others: totals.others))
        let stored = session.statistics
        var statistics = Manifest.Statistics()
        statistics.files = Manifest.Statistics.Changes(changes.files)
        statistics.dirs = Manifest.Statistics.Changes(changes.directories)
        statistics.others = Manifest.Statistics.Changes(changes.others)
        statistics.dataChunks = UInt64(stored.dataChunks)
        statistics.treeChunks = UInt64(stored.treeChunks)
        statistics.dataAdded = stored.newBytes
        statistics.dataAddedStored = stored.storedBytes
        statistics.totalFilesProcessed = UInt64(totals.files)
        statistics.totalDirsProcessed = UInt64(totals.directories)
        statistics.totalBytesProcessed = totals.bytes
        statistics.durationSeconds = Double(Machine.monotonicNanoseconds - start) / 1e9
        return statistics
    }

    private func commit(
        _ result: TreeScan.Result, _ strategy: Strategy, _ base: Snapshot?, _ list: SnapshotList,
        _ statistics: Manifest.Statistics
    ) throws(CairnError) -> Snapshot {
        var manifest = Manifest(
            snapshotID: try SnapshotID.random(), time: request.time ?? began, strategy: strategy, base: base?.id,
            previous: list.newestManifestID, rootHash: result.merkleRoot, tree: result.root, paths: sources.paths,
            hostname: request.host, username: request.user, tags: request.tags, engineVersion: request.engineVersion,
            statistics: statistics)
        manifest.labels = request.labels
        manifest.excludes = request.excludes
        failures.enter(into: &manifest)
        try cancellation.check()
        return try session.commit(manifest)
    }
}

extension Manifest.Statistics.Changes {
    fileprivate init(_ counts: ChangeStatistics.Counts) {
        self.init()
        new = UInt64(counts.new)
        changed = UInt64(counts.changed)
        unmodified = UInt64(counts.unmodified)
        removed = UInt64(counts.removed)
    }
}
