import Cairn
import ChunkStore
import Posix
import TestSupport

// What happens to the repository of a history. Each step knows what must come of it.
extension RandomHistory {
    /// Something other than a snapshot.
    func happenToRepository() throws {
        switch chance.number(below: 20) {
        case ..<5: try forgetSome()
        case ..<8: try bringBackSome()
        case ..<13: try prune()
        default: try disturbCache()
        }
    }

    // MARK: Snapshots

    /// Whoever takes snapshots every hour takes a full one now and then.
    private static let strategies =
        Array(repeating: Strategy.incremental, count: 5) + [.full, .differential, .differential]

    /// Takes a snapshot of all, or of the part that is a source of its own.
    func takeSnapshot(ofPart isPart: Bool) throws {
        let source = tree.path(isPart ? HistoryTree.part : "")
        var request = request(for: source)
        request.strategy = Self.strategies[chance.number(below: Self.strategies.count)]
        request.verifiesPacks = chance.number(below: 4) == 0
        add(" \(ledger.takings.count), \(request.strategy)\(isPart ? ", of \(HistoryTree.part)" : "")")
        let state = try TreeState(readingFrom: source)
        try requireModel(state, below: isPart ? HistoryTree.part + "/" : "")
        let failures = Monitor<[ItemFailure]>([])
        let outcome = try SnapshotTaking(repository.store, request).run(onFailure: { failure in
            failures.withLock { $0.append(failure) }
        })
        guard let snapshot = outcome.snapshot else { throw HistoryTrouble("no snapshot was taken") }
        ledger.takings.append(HistoryLedger.Taking(source: source, state: state, snapshot: snapshot))
        add(", \(outcome.filesRead) files read")
        let problems =
            failures.withLock { $0.map { "\($0)" } } + outcome.warnings + outcome.damage.map { "\($0)" }
            + outcome.avoided.map { "\($0) was passed by" }
        if outcome.isIncomplete || !problems.isEmpty { throw HistoryTrouble(["the snapshot is not clean"] + problems) }
        try HistoryTrouble.unless(
            Int(outcome.statistics.totalFilesProcessed) == state.fileCount,
            "\(outcome.statistics.totalFilesProcessed) files are counted, not \(state.fileCount)")
        try prove()
    }

    /// What is on the disk is what the history has put there, or the test is wrong.
    private func requireModel(_ state: TreeState, below prefix: String) throws {
        let files = tree.files.filter { $0.key.hasPrefix(prefix) }
        try HistoryTrouble.unless(files.count == state.fileCount, "the test has lost count of its files")
        for (name, file) in files {
            try HistoryTrouble.unless(
                state.items[String(name.dropFirst(prefix.count))]?.content == TreeState.Content(file.bytes),
                "the test has not written \(name) as it wanted to")
        }
    }

    // MARK: Forgetting

    private func forgetSome() throws {
        let forgettable = ledger.forgettable
        let lasts = Set(ledger.numbers(.there)).subtracting(forgettable).sorted()
        switch chance.number(below: 10) {
        case ..<2:
            if let last = lasts.first { return try forgetLast(last, with: forgettable.first) }
        case ..<5:
            if let last = lasts.last { return try giveUpSource(of: last) }
        default: break
        }
        guard !forgettable.isEmpty else { return note("nothing to forget") }
        note("forget")
        let count = 1 + chance.number(below: 2)
        try forget(Set((0..<count).map { _ in forgettable[chance.number(below: forgettable.count)] }).sorted())
    }

    /// Forgets all snapshots of a source, and mostly prunes at once: then the journal describes what is not there any more.
    private func giveUpSource(of last: Int) throws {
        note("forget, the last of its source too,")
        let source = ledger.takings[last].source
        try forget(ledger.numbers(.there).filter { ledger.takings[$0].source == source })
        if chance.number(below: 3) > 0 { try pruneAll() }
    }

    func forget(_ numbers: [Int]) throws {
        add(" \(numbers)")
        let list = try SnapshotList(repository.store)
        let allowsLast = !Set(numbers).isSubset(of: ledger.forgettable)
        try Forgetting(repository.store, list).forget(
            numbers.map { ledger.takings[$0].snapshot }, allowingLast: allowsLast)
        for number in numbers { ledger.takings[number].presence = .forgotten }
        try prove()
    }

    /// The last snapshot of a source is not forgotten, nor is what is named with it.
    private func forgetLast(_ last: Int, with other: Int?) throws {
        let numbers = [other, last].compactMap { $0 }
        note("forget \(numbers), of which \(last) is the last of its source")
        do throws(CairnError) {
            let list = try SnapshotList(repository.store)
            try Forgetting(repository.store, list).forget(numbers.map { ledger.takings[$0].snapshot })
        } catch {
            guard error.code == .lastOfSource else { throw error }
            return try prove()
        }
        throw HistoryTrouble("it was forgotten")
    }

    private func bringBackSome() throws {
        let forgotten = ledger.numbers(.forgotten)
        guard !forgotten.isEmpty else { return note("nothing to bring back") }
        let number = forgotten[chance.number(below: forgotten.count)]
        note("undelete \(number)")
        let list = try SnapshotList(repository.store)
        try Forgetting(repository.store, list).bringBack([ledger.takings[number].snapshot])
        ledger.takings[number].presence = .there
        try prove()
    }

    // MARK: Pruning

    private func prune() throws {
        var request = PruneRequest()
        request.isGraceOver = chance.number(below: 4) > 0
        switch chance.number(below: 6) {
        case ..<3: request.maxUnused = .bytes(0)
        case 3: request.maxUnused = .unlimited
        case 4: request.maxRepackBytes = 500_000
        default: break
        }
        let bound = request.maxRepackBytes == .max ? "" : ", copying at most \(request.maxRepackBytes) bytes"
        note("prune\(request.isGraceOver ? " now" : ""), unused \(request.maxUnused)\(bound)")
        try prune(request)
    }

    /// Gives back all that can be given back; then nothing is left to be done.
    func pruneAll() throws {
        note("prune now, all, and all again")
        var request = PruneRequest()
        request.isGraceOver = true
        request.maxUnused = .bytes(0)
        try prune(request)
        let again = try SnapshotPruning(repository.store, request).run()
        try HistoryTrouble.unless(
            again.deleted.packs == 0 && again.written.packs == 0, "a second prune finds something to do: \(again)")
        try prove()
    }

    private func prune(_ request: PruneRequest) throws {
        let forgotten = ledger.numbers(.forgotten)
        let outcome = try SnapshotPruning(repository.store, request).run()
        add(", deleted \(outcome.deleted.packs) of \(outcome.before.packs) packs, copied \(outcome.repacked.packs)")
        for number in forgotten where request.isGraceOver { ledger.takings[number].presence = .gone }
        let ended = request.isGraceOver ? forgotten.count : 0
        // Nobody else works with the repository, and nothing in it is hurt.
        try HistoryTrouble.unless(
            outcome.endedRoots == ended && outcome.heldRoots == forgotten.count - ended && outcome.lostChunks == 0
                && outcome.unreadable.packs == 0 && outcome.waiting.packs == 0 && outcome.inFlight.packs == 0
                && outcome.rescued.packs == 0 && !outcome.isShortOfRoom && !outcome.distrustsClock,
            "the prune says what cannot be: \(outcome)")
        try prove()
    }

    // MARK: The cache

    /// What happens to caches: the next run begins anew with less or more memory, without some or all of what was kept, or with what was kept some time ago.
    private func disturbCache() throws {
        let memory = [64, 64, 128, 256][chance.number(below: 4)]
        note("open anew with \(memory) MiB")
        switch chance.number(below: 7) {
        case 0: try repository.open(memoryBytes: memory << 20)
        case 1:
            add(", without a cache")
            try repository.clearCache(reopeningWith: memory << 20)
        case 2:
            add(", without a catalog")
            try repository.clearCache("catalog", reopeningWith: memory << 20)
        case 3:
            add(", without journals")
            try repository.clearCache("journal", reopeningWith: memory << 20)
        default:
            let isBack = try repository.bringBackCache(reopeningWith: memory << 20)
            add(isBack ? ", with an earlier cache" : "")
        }
        // No proof: a check would mend the catalog, and the next step is to get along with it as it is.
    }
}
