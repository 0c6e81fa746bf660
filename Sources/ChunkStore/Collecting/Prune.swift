import Crypto
import Posix
import SQLite
import Storage

/// One prune, beside whatever else runs. The steps are those of Documentation/Pruning.md, which says why they are safe in this order.
final class Prune {
    private let repository: Repository
    private let catalog: Catalog
    private let lease: Lease?
    private let request: PruneRequest
    private let reach: (Root, Marks) throws(StoreError) -> Void
    private let progress: (PruneProgress) -> Void
    private let isCancelled: () -> Bool
    private let reader: ChunkReader
    private let repacking: Repacking
    private let began = Machine.seconds
    private var outcome = PruneOutcome()
    /// Packs by their numbers in the catalog mean what they meant as long as this stays the same.
    private var catalogMark = ""
    /// What the records of waiting packs had looked at: of other roots they need to know until they end.
    private var rootsOfWaiting: [Set<String>] = []

    init(
        _ repository: Repository, catalog: Catalog, lease: Lease?, budget: Budget, level: CompressionLevel,
        request: PruneRequest, progress: @escaping (PruneProgress) -> Void, isCancelled: @escaping () -> Bool,
        reach: @escaping (Root, Marks) throws(StoreError) -> Void
    ) throws(StoreError) {
        self.repository = repository
        self.catalog = catalog
        self.lease = lease
        self.request = request
        self.progress = progress
        self.isCancelled = isCancelled
        self.reach = reach
        reader = try ChunkReader(repository, catalog: catalog, lease: nil, budget: budget)
        repacking = Repacking(repository, catalog: catalog, reader: reader, budget: budget, level: level)
    }

    private var storage: any Storage { repository.storage }
    private var condemned: CondemnedPacks? {
        lease.map { CondemnedPacks(repository: repository, catalog: catalog, lease: $0) }
    }

    func run() throws(StoreError) -> PruneOutcome {
        defer { reader.close() }
        if let condemned { try settle(condemned) }
        outcome.deletedEarlier = outcome.deleted
        try requireWholeCatalog()
        let standing = try survey()
        try requireRoots(standing)
        outcome.halfDamagedRoots = standing.items.count { $0.root.isHalfDamaged }
        let ended = ended(in: standing)
        let givenUp = try giveUp(ended)
        let (plan, marks, roots): (PrunePlan, Marks, Set<String>)
        do throws(StoreError) { (plan, marks, roots) = try look(without: ended) } catch {
            // Nothing will be deleted, so nothing need be given up.
            takeBack(givenUp)
            throw error
        }
        if lease == nil { return try rehearsed(plan) }
        var hasNewDeltas = try carryOut(plan, marks: marks, roots: roots)
        // What was copied may need fewer bases than before, or have ended in more small packs than there may be: that is settled at once, and not
        // left to the next prune.
        var rounds = 1
        var smallBefore = Int.max
        while rounds <= Self.moreRoundsMax, !outcome.isShortOfRoom, request.maxRepackBytes == .max {
            let small = outcome.written.packs > 0 ? try surplusOfSmallPacks() : 0
            // Where the last round has left no fewer another one will not either.
            guard hasNewDeltas || small > 0 && small < smallBefore else { break }
            smallBefore = small > 0 ? small : .max
            let (plan, marks, roots) = try look(without: ended)
            hasNewDeltas = try carryOut(plan, marks: marks, roots: roots)
            rounds += 1
        }
        if outcome.waiting.packs == 0 { try dropGivenUp() }
        return outcome
    }

    private static let moreRoundsMax = 4

    private func surplusOfSmallPacks() throws(StoreError) -> Int {
        let inFlight = try untouchable()
        let rows = try catalog.packs()
        return PrunePlan.surplusOfSmall(rows.filter { !$0.isCondemned && !inFlight.contains($0.name) })
    }

    /// Finds out what is needed, and plans. Returns with that the ids of all roots that were looked at.
    private func look(without ended: [ForgottenRoots.Name]) throws(StoreError) -> (PrunePlan, Marks, Set<String>) {
        let unreadable = try catalog.synchronize(.all, forWriting: lease != nil)
        let rows = try catalog.packs()
        let inFlight = try untouchable()
        // Roots come after packs and leases: whoever had published by then and has ended since has its root in here.
        let seen = try survey()
        let roots = seen.items.filter { item in
            // A rehearsal leaves where they are those that a prune would have taken away by now.
            guard lease == nil, let forgotten = item.forgotten else { return true }
            return !ended.contains(ForgottenRoots.Name(forgotten: forgotten, id: item.root.id))
        }
        // What a root needs was published before the root was: now all of it can be found, also what came since the packs were listed.
        try catalog.synchronize(.all)
        let marks = try Marks(catalog, reader: reader, name: lease?.id ?? "rehearsal-\(Machine.processID)")
        try mark(roots, in: marks)
        let (plan, packs) = try plan(rows, inFlight: inFlight, marks)
        if outcome.before.packs == 0 {
            for pack in packs { outcome.before.add(pack.row.bytes) }
            outcome.usedBytes = packs.reduce(0) { $0 + $1.usedBytes }
            outcome.overheadBytes = packs.reduce(0) { $0 + $1.row.bytes - min($1.row.bytes, $1.blockBytes) }
        }
        (outcome.unreadable, outcome.inFlight) = (PruneOutcome.Amount(), PruneOutcome.Amount())
        for error in unreadable { outcome.unreadable.add(size(of: error.path)) }
        for pack in packs where inFlight.contains(pack.row.name) { outcome.inFlight.add(pack.row.bytes) }
        return (plan, marks, seen.ids)
    }

    /// Plans so that every delta block that stays keeps its bases, also one in which nothing is needed: its pack may stay for other blocks, and
    /// somebody may find its chunks stored there. What that adds to what is needed may change the plan, so it is made again until nothing is added.
    private func plan(
        _ rows: [CatalogConnection.PackRow], inFlight: Set<PackName>, _ marks: Marks
    ) throws(StoreError) -> (PrunePlan, [PrunePlan.Pack]) {
        let others = Set(rows.filter { inFlight.contains($0.name) }.map(\.number))
        var broken: Set<Int64> = []
        while true {
            let packs = try packs(rows, marks)
            let plan = PrunePlan(packs.filter { !inFlight.contains($0.row.name) }, broken: broken, request)
            let staying = Set(plan.kept.map(\.row.number)).union(others)
            let before = (marks.markedBytes, broken.count)
            for pack in staying where try !keepBases(in: pack, marks) && !others.contains(pack) { broken.insert(pack) }
            if before == (marks.markedBytes, broken.count) { return (plan, packs) }
        }
    }

    /// Marks the bases of all delta blocks of a pack; false where some are not there.
    private func keepBases(in pack: Int64, _ marks: Marks) throws(StoreError) -> Bool {
        var areThere = true
        for delta in try deltas(in: pack) where try !marks.keepBases(delta.bases) { areThere = false }
        return areThere
    }

    // MARK: What earlier prunes left

    /// Ends what was condemned before, as far as nobody holds it any more.
    private func settle(_ condemned: CondemnedPacks) throws(StoreError) {
        try catalog.synchronize(.all)
        for batch in try condemned.batches() { try release(batch, condemned) }
    }

    /// Deletes a batch's packs, but for those that a root needs which had not been looked at; with living witnesses it waits.
    private func release(_ batch: CondemnedPacks.Batch, _ condemned: CondemnedPacks) throws(StoreError) {
        let holders = try condemned.holders(of: batch)
        guard holders.isEmpty, condemned.isOfAge(batch) else {
            outcome.holders += holders.filter { !outcome.holders.contains($0) }
            for pack in batch.record.packs { outcome.waiting.add(size(of: pack.condemnedPath)) }
            rootsOfWaiting.append(batch.record.roots)
            return
        }
        let unseen = try RootSurvey(repository).items.filter { !batch.record.roots.contains($0.root.id) }
        var needed: Set<PackName> = []
        if !unseen.isEmpty && !batch.record.packs.isEmpty {
            let marks = try Marks(catalog, reader: reader, name: "\(lease?.id ?? "")-late")
            for item in unseen { try reach(item.root, marks) }
            let rows = try catalog.packs()
            var numbers: Set<Int64> = []
            try marks.forEachBlock { block, _, _ in numbers.insert(block.pack) }
            needed = Set(rows.filter { numbers.contains($0.number) }.map(\.name)).intersection(batch.record.packs)
        }
        for pack in needed { outcome.rescued.add(size(of: pack.condemnedPath)) }
        try condemned.bringBack(needed.sorted { $0.id < $1.id })
        let deleted = try condemned.delete(batch, except: needed)
        outcome.deleted.packs += deleted.packs
        outcome.deleted.bytes += deleted.bytes
    }

    // MARK: Forgotten roots

    /// Where packs are and no root at all, the roots may have been lost on the way, as in a copy that was never finished: then all would go.
    private func requireRoots(_ survey: RootSurvey) throws(StoreError) {
        guard !request.isGraceOver, survey.ids.isEmpty, try givenUp().isEmpty else { return }
        let inFlight = try packsInFlight()
        let rows = try catalog.packs()
        let count = rows.count { !$0.isCondemned && !inFlight.contains($0.name) }
        guard count > 0 else { return }
        throw StoreError(
            .missing,
            "there is no snapshot, not even a forgotten one, so \(count == 1 ? "the only pack" : "all \(count) packs") would go",
            path: "\(storage.location)/\(Roots.folder)",
            remedy: "if snapshots were lost, bring this folder back from a copy, or run \"cairn repair --recover\"; "
                + "if there never was one, or nothing is wanted any more: \"cairn prune --now\"")
    }

    private func survey() throws(StoreError) -> RootSurvey {
        let survey = try RootSurvey(repository)
        return request.isRehearsal ? survey.supposing(forgotten: request.supposedlyForgotten, at: began) : survey
    }

    /// The names of the forgotten roots whose grace is over. Of one that has several the latest counts.
    private func ended(in survey: RootSurvey) -> [ForgottenRoots.Name] {
        // A root that waiting packs know nothing of brings them back when they end: whoever builds on it now relies on that.
        let free = survey.forgotten.filter { name in rootsOfWaiting.allSatisfy { $0.contains(name.id) } }
        if request.isGraceOver { return free }
        let now = Machine.seconds
        let written = survey.items.map { $0.root.written / 1_000_000_000 }
        let newest = (written + survey.forgotten.map(\.forgotten)).max() ?? now
        // A clock that stands before what was done already, or far behind it, may be wrong: then nothing ends by itself.
        outcome.distrustsClock = !free.isEmpty && (now < newest - 60 || now > newest + 31 * 86_400)
        if outcome.distrustsClock { return [] }
        let held = Set(free.filter { now - $0.forgotten < request.graceSeconds }.map(\.id))
        return free.filter { !held.contains($0.id) }
    }

    /// Takes roots out of `forgotten/`: whoever wants one back at this moment either has it by then, or comes too late. Only the names that were judged
    /// go: a root that came back since and was forgotten anew has another one, and a grace of its own.
    private func giveUp(_ names: [ForgottenRoots.Name]) throws(StoreError) -> [ForgottenRoots.Name] {
        guard lease != nil, !names.isEmpty else {
            outcome.endedRoots = Set(names.map(\.id)).count
            return []
        }
        var givenUp: [ForgottenRoots.Name] = []
        var ended: Set<String> = []
        for name in names {
            do throws(StorageError) {
                try storage.rename(name.path, to: Self.givenUpPath(name.id))
                givenUp.append(name)
            } catch {
                switch error.code {
                case .exists: try storing { () throws(StorageError) in try storage.remove(name.path) }
                case .notFound: continue
                default: throw StoreError(error)
                }
            }
            ended.insert(name.id)
        }
        outcome.endedRoots = ended.count
        try synchronizeRootFolders()
        return givenUp
    }

    private func takeBack(_ givenUp: [ForgottenRoots.Name]) {
        outcome.endedRoots = 0
        for name in givenUp { try? storage.rename(Self.givenUpPath(name.id), to: name.path) }
        if !givenUp.isEmpty { try? synchronizeRootFolders() }
    }

    private func synchronizeRootFolders() throws(StoreError) {
        try storing { () throws(StorageError) in
            try storage.synchronize(CondemnedPacks.folder)
            try storage.synchronize(ForgottenRoots.folder)
        }
    }

    private static func givenUpPath(_ id: String) -> String { "\(CondemnedPacks.folder)/m-\(id)" }

    /// The files of given-up roots stay for a person's eyes as long as packs that they may have needed do.
    private func dropGivenUp() throws(StoreError) {
        for file in try givenUp() { try storing { () throws(StorageError) in try storage.remove(file) } }
    }

    private func givenUp() throws(StoreError) -> [String] {
        try storing { () throws(StorageError) in
            try storage.list(CondemnedPacks.folder, recursive: false).filter { Self.isGivenUp($0.lastComponent) }.map(
                \.name)
        }
    }

    private static func isGivenUp(_ name: Substring) -> Bool {
        name.hasPrefix("m-") && SHA256Digest(hex: String(name.dropFirst(2))) != nil
    }

    // MARK: What is needed

    private func requireWholeCatalog() throws(StoreError) {
        try catalog.synchronize(.all)
        _ = try catalog.mendOnce()
        catalogMark = try currentMark()
    }

    private func currentMark() throws(StoreError) -> String {
        try catalog.read { (connection) throws(SQLiteError) in try connection.mark() }
    }

    private func packsInFlight() throws(StoreError) -> Set<PackName> {
        try storing { () throws(StorageError) in try LeaseRoll(storage: storage, own: lease).packs() }
    }

    /// Packs that are left alone: running operations have just written them, or a record names them already.
    private func untouchable() throws(StoreError) -> Set<PackName> {
        try packsInFlight().union(condemned?.named() ?? [])
    }

    private func mark(_ roots: [RootSurvey.Item], in marks: Marks) throws(StoreError) {
        // Those that are not forgotten first: what the others add is what the grace costs.
        let ordered = roots.filter { $0.forgotten == nil } + roots.filter { $0.forgotten != nil }
        outcome.heldBytes = 0
        outcome.heldRoots = roots.count { $0.forgotten != nil }
        for (number, item) in ordered.enumerated() {
            progress(PruneProgress(phase: .marking, done: UInt64(number), total: UInt64(ordered.count)))
            let before = marks.markedBytes
            try reach(item.root, marks)
            if item.forgotten != nil { outcome.heldBytes += marks.markedBytes - before }
        }
        outcome.lostChunks = marks.lostCount
    }

    private func packs(_ rows: [CatalogConnection.PackRow], _ marks: Marks) throws(StoreError) -> [PrunePlan.Pack] {
        var packs: [Int64: PrunePlan.Pack] = [:]
        for row in rows where !row.isCondemned { packs[row.number] = PrunePlan.Pack(row: row) }
        var plain: [BlockKey: Int] = [:]
        try marks.forEachBlock { block, bytes, chunks in
            plain[block] = bytes
            packs[block.pack]?.usedChunks += chunks
        }
        try catalog.read { (connection) throws(SQLiteError) in
            try connection.forEachBlock { block, stored, whole in
                packs[block.pack]?.blockBytes += UInt64(clamping: stored)
                guard let used = plain[block] else { return }
                let share = whole == 0 ? 1 : min(1, Double(used) / Double(whole))
                packs[block.pack]?.usedBytes += UInt64(share * Double(stored))
            }
        }
        for number in packs.keys {
            // One in which nothing is needed goes as a whole.
            guard packs[number]?.usedChunks != 0 else { continue }
            let deltas = try deltas(in: number).filter { plain[$0.block] == nil }
            packs[number]?.heldBytes = try marks.unneededBytes(of: Set(deltas.lazy.flatMap(\.bases)))
        }
        return packs.values.sorted { $0.row.number < $1.row.number }
    }

    private func deltas(in pack: Int64) throws(StoreError) -> [(block: BlockKey, bases: [ChunkID])] {
        try catalog.read { (connection) throws(SQLiteError) in
            var deltas: [(block: BlockKey, bases: [ChunkID])] = []
            try connection.forEachDelta(of: pack) { block, bases in deltas.append((block, bases)) }
            return deltas
        }
    }

    // MARK: Doing it

    private func rehearsed(_ plan: PrunePlan) throws(StoreError) -> PruneOutcome {
        for pack in plan.unneeded { outcome.unneeded.add(pack.row.bytes) }
        for pack in plan.repacked {
            outcome.repacked.add(pack.row.bytes)
            outcome.written.bytes += pack.copyBytes
        }
        let target = UInt64(WritePipeline.packTarget(try WritePipeline.storedBytes(catalog)))
        outcome.written.packs = Int(clamping: (outcome.written.bytes + target - 1) / target)
        outcome.deleted.packs = outcome.unneeded.packs + outcome.repacked.packs
        outcome.deleted.bytes = outcome.unneeded.bytes + outcome.repacked.bytes
        outcome.unusedBytes = plan.kept.reduce(0) { $0 + $1.unusedBytes }
        return outcome
    }

    /// Returns whether parts of delta blocks were made anew.
    private func carryOut(_ plan: PrunePlan, marks: Marks, roots: Set<String>) throws(StoreError) -> Bool {
        // A delta block that goes with its pack later must not lose its bases before.
        let goTogether = plan.repacked.contains { $0.heldBytes > 0 } && fitsInOneBatch(plan.repacked)
        if !goTogether { try condemn(plan.unneeded, copied: [], marks: marks, roots: roots) }
        for pack in plan.unneeded { outcome.unneeded.add(pack.row.bytes) }
        outcome.unusedBytes = plan.kept.reduce(0) { $0 + $1.unusedBytes }
        let total = plan.repacked.reduce(UInt64(0)) { $0 + $1.usedBytes }
        var done: UInt64 = 0
        var rest = plan.repacked
        var hasNewDeltas = false
        while !rest.isEmpty {
            try check()
            progress(PruneProgress(phase: .copying, done: done, total: total))
            let batch = Repacking.takeBatch(of: &rest, freeBytes: storage.freeBytes())
            guard !batch.isEmpty else {
                outcome.isShortOfRoom = true
                outcome.unusedBytes += rest.reduce(0) { $0 + $1.unusedBytes }
                return hasNewDeltas
            }
            let copied = try repacking.copy(batch.map(\.row), marks) { bytes throws(StoreError) in
                try self.check()
                self.progress(PruneProgress(phase: .copying, done: done + bytes, total: total))
            }
            hasNewDeltas = hasNewDeltas || copied.hasNewDeltas
            outcome.written.packs += copied.written.packs
            outcome.written.bytes += copied.written.bytes
            try condemn(
                goTogether ? plan.unneeded + batch : batch, copied: copied.chunks, marks: marks, roots: roots)
            for pack in batch { outcome.repacked.add(pack.row.bytes) }
            done += batch.reduce(UInt64(0)) { $0 + $1.usedBytes }
        }
        return hasNewDeltas
    }

    private func fitsInOneBatch(_ packs: [PrunePlan.Pack]) -> Bool {
        var rest = packs
        _ = Repacking.takeBatch(of: &rest, freeBytes: storage.freeBytes())
        return rest.isEmpty
    }

    private func check() throws(StoreError) {
        if isCancelled() { throw .cancelled }
    }

    /// Takes packs out of sight whose needed chunks lie elsewhere by now, each proved, and deletes them if nobody holds them.
    private func condemn(
        _ packs: [PrunePlan.Pack], copied: Set<Repacking.HalfID>, marks: Marks, roots: Set<String>
    ) throws(StoreError) {
        guard let condemned, !packs.isEmpty else { return }
        for pack in packs {
            try check()
            try repacking.requireNothingLost(with: pack.row, copied: copied, marks)
        }
        guard try currentMark() == catalogMark else {
            throw StoreError(
                .catalog, "the catalog was made anew meanwhile, so nothing more is deleted", path: catalog.path.string,
                remedy: "run prune again")
        }
        try release(condemned.condemn(packs.map(\.row.name), marked: roots), condemned)
    }

    private func size(of path: String?) -> UInt64 {
        guard var path else { return 0 }
        let location = storage.location + "/"
        if path.hasPrefix(location) { path.removeFirst(location.count) }
        return (try? storage.size(of: path)) ?? 0
    }
}
