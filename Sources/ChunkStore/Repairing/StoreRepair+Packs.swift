internal import Crypto
internal import SQLite
internal import Storage

// Packs. Of a damaged one everything good that is nowhere else is copied into new packs; then it is condemned, and what was bad in it counts as not
// stored. Packs are taken one after another, for the good copy of a chunk may lie in the next damaged one.
extension StoreRepair {
    /// What was done to packs.
    public struct PackSummary: Hashable, Sendable {
        /// Packs that were found.
        public var packs = 0
        /// Packs that were read whole.
        public var read = 0
        /// The bytes of those.
        public var bytesRead: UInt64 = 0
        /// Damaged packs whose place others have taken.
        public var replaced = 0
        /// Chunks that were copied out of them.
        public var copiedChunks = 0
        /// Damaged packs that stay.
        public var left = 0

        /// Nothing done yet.
        public init() {}
    }

    /// Mends packs, and makes the catalog anew where it does not agree with them. Without `readsData` blocks are trusted.
    ///
    /// `onLost` gets chunks of which a damaged pack held the only copy, and that bad.
    public func packs(
        readsData: Bool, onLost: (RootReference) -> Void, onProgress: (_ done: UInt64, _ total: UInt64) -> Void
    ) throws(StoreError) -> PackSummary {
        var summary = PackSummary()
        try catalog.synchronize(.all, forWriting: !isRehearsal)
        let present = try repository.packs()
        summary.packs = present.count
        if let lease {
            inFlight = try storing { () throws(StorageError) in
                try LeaseRoll(storage: repository.storage, own: lease).packs()
            }
        }
        // Roots come after packs and leases. Everything good is copied, so whatever they need is looked after without looking.
        let roots = Set(try Roots(repository).ids() + ForgottenRoots(repository).names().map(\.id))
        let salvage = Salvage(self)
        defer { salvage.close() }
        let readable = try parted(present, salvage, &summary, onLost)
        try agree()
        guard readsData else { return summary }
        let damaged = try proven(readable, &summary, onProgress)
        for pack in damaged { try replace(pack, seen: roots, salvage, &summary, onLost) }
        return summary
    }

    /// The packs whose directory can be read. Of the others what the catalog still knows is copied.
    private func parted(
        _ present: [(name: PackName, bytes: UInt64)], _ salvage: Salvage, _ summary: inout PackSummary,
        _ onLost: (RootReference) -> Void
    ) throws(StoreError) -> [(name: PackName, bytes: UInt64)] {
        var readable: [(name: PackName, bytes: UInt64)] = []
        for (name, bytes) in present {
            try check()
            do throws(StoreError) {
                _ = try repository.pack(name).directory(packBytes: bytes)
                readable.append((name, bytes))
            } catch {
                guard error.isAboutStored else { throw error }
                if error.code == .missing, !repository.isThere(name.path) { continue }
                guard error.code == .damaged, !inFlight.contains(name) else {
                    leave(name, because: error, &summary)
                    continue
                }
                let saved = try saveKnown(of: name, salvage, onLost)
                summary.copiedChunks += saved
                stuck.append(name)
                let chunks = saved == 1 ? "1 chunk of it is" : "\(saved) chunks of it are"
                stuckReasons[name] = error.message + (saved > 0 ? "; \(chunks) saved" : "")
            }
        }
        return readable
    }

    /// Copies what the catalog remembers of a pack whose own directory is damaged, and lets the catalog forget it. Returns how many chunks.
    private func saveKnown(
        of name: PackName, _ salvage: Salvage, _ onLost: (RootReference) -> Void
    ) throws(StoreError) -> Int {
        guard let known = try catalog.row(of: name) else { return 0 }
        let blocks = try catalog.read { (connection) throws(SQLiteError) in try connection.blocks(of: known.number) }
        let outcome = try salvage.copy(known.number, blocks)
        if outcome.failure != nil { return 0 }
        if isRehearsal {
            outcome.lost.forEach(onLost)
        } else {
            try catalog.write { (connection) throws(SQLiteError) in
                try connection.remove(packs: [known.number])
                try connection.findBaseless(in: [], isLess: true)
                try connection.noteLoss()
            }
        }
        return outcome.copied.count
    }

    /// Whether all of a pack can be read.
    private func isGood(_ name: PackName) throws(StoreError) -> Bool {
        guard let bytes = try? repository.pack(name).byteCount() else { return false }
        let proof = try PackProof(repository, reader: reader, budget: store.budget)
        defer { proof.close() }
        var isGood = false
        let memory = VerifiedPacks(try store.cacheFolder())
        try proof.prove([(name, bytes)], remembering: memory, isCancelled: isCancelled, onProgress: { _, _ in }) {
            outcome in
            if case .good = outcome.verdict { isGood = true }
        }
        return isGood
    }

    /// Copies what can be read of a pack by now, and has no other good copy. Returns what hindered it.
    private func saveReadable(of name: PackName, _ salvage: Salvage) throws(StoreError) -> StoreError? {
        guard let bytes = try? repository.pack(name).byteCount(),
            let directory = try? repository.pack(name).directory(packBytes: bytes),
            let row = try catalog.row(of: name)
        else { return nil }
        return try salvage.copy(row.number, Salvage.Block.all(of: directory)).failure
    }

    private func leave(_ name: PackName, because error: StoreError, _ summary: inout PackSummary) {
        summary.left += 1
        let reason = inFlight.contains(name) ? "; it belongs to a running operation, so it was left alone" : ""
        tell(
            .pack, .damage, error.message + reason, repository.pack(name).path,
            error.remedy
                ?? (reason.isEmpty ? "look after the disk, and repair again" : "repair again when that has ended"),
            pack: name)
    }

    // MARK: The catalog

    private func agree() throws(StoreError) {
        let check = StoreCheck(store, reader: reader, isCancelled: isCancelled) { [onFinding] finding in
            if finding.kind == .catalog { onFinding(finding) }
        }
        _ = try check.structure()
    }

    // MARK: Reading

    /// A pack that does not prove itself.
    private struct Damaged {
        let name: PackName
        let bytes: UInt64
        let findings: [StoreFinding]

        /// What was found, in one line.
        var what: String {
            let (first, more) = (findings.prefix(3).map(\.message), findings.count - 3)
            return first.joined(separator: "; ") + (more > 0 ? "; and \(more) more like that" : "")
        }
    }

    private func proven(
        _ packs: [(name: PackName, bytes: UInt64)], _ summary: inout PackSummary,
        _ onProgress: (UInt64, UInt64) -> Void
    ) throws(StoreError) -> [Damaged] {
        let memory = VerifiedPacks(try store.cacheFolder())
        let sizes = Dictionary(packs.map { ($0.name, $0.bytes) }) { first, _ in first }
        let proof = try PackProof(repository, reader: reader, budget: store.budget)
        defer { proof.close() }
        var damaged: [Damaged] = []
        try proof.prove(packs, remembering: memory, isCancelled: isCancelled, onProgress: onProgress) {
            outcome throws(StoreError) in
            switch outcome.verdict {
            case .good: break
            case .bad:
                damaged.append(
                    Damaged(name: outcome.name, bytes: sizes[outcome.name] ?? 0, findings: outcome.findings))
            case .unreadable(let error):
                guard error.isAboutStored else { throw error }
                if error.code == .missing, !repository.isThere(outcome.name.path) { return }
                leave(outcome.name, because: error, &summary)
            }
        }
        summary.read = packs.count
        summary.bytesRead = packs.reduce(0) { $0 + $1.bytes }
        return damaged.sorted { $0.name.id < $1.name.id }
    }

    // MARK: Replacing

    private func replace(
        _ damaged: Damaged, seen roots: Set<String>, _ salvage: Salvage, _ summary: inout PackSummary,
        _ onLost: (RootReference) -> Void
    ) throws(StoreError) {
        let (name, path) = (damaged.name, repository.pack(damaged.name).path)
        let what = damaged.what
        guard !inFlight.contains(name) else {
            return leave(name, because: StoreError(.damaged, what, path: path), &summary)
        }
        let directory = try repository.pack(name).directory(packBytes: damaged.bytes)
        guard let row = try catalog.row(of: name) else { return }
        let outcome = try salvage.copy(row.number, Salvage.Block.all(of: directory))
        if let failure = outcome.failure { return leave(name, because: failure, &summary) }
        summary.copiedChunks += outcome.copied.count
        // Delta blocks may be bad only because their bases are: as long as these may come back, the pack stays, whatever else is wrong with it.
        let waiting = try waitingBlocks(damaged, directory, row.number)
        if !waiting.isEmpty {
            if isRehearsal { outcome.lost.forEach(onLost) }
            let kept = Set(waiting.flatMap { directory.blocks[$0].chunks.map(\.id) })
            stuck.append(name)
            stuckReasons[name] = what
            stuckLosses[name] = outcome.lost.filter { !kept.contains($0.id) }
            return
        }
        if isRehearsal { outcome.lost.forEach(onLost) }
        if let lease {
            _ = try CondemnedPacks(repository: repository, catalog: catalog, lease: lease).condemn(
                [name], marked: roots, isLoss: !outcome.lost.isEmpty)
        }
        summary.replaced += 1
        let (good, bad) = (outcome.copied.count, outcome.lost.count)
        let done = isRehearsal ? "would be" : good == 1 ? "was" : "were"
        let loss = bad == 0 ? "nothing of it is lost" : "\(bad) \(bad == 1 ? "is" : "are") lost so far"
        tell(
            .pack, .healed, "\(what); \(good) good \(good == 1 ? "chunk" : "chunks") of it \(done) copied, \(loss)",
            path, nil, pack: name, copies: outcome.lost)
    }

    /// The bad delta blocks of a pack whose bases cannot be read and do not lie in that pack itself.
    private func waitingBlocks(
        _ damaged: Damaged, _ directory: PackDirectory, _ pack: Int64
    ) throws(StoreError) -> [Int] {
        let own = Set(directory.blocks.lazy.filter(\.bases.isEmpty).flatMap { $0.chunks.map(\.id) })
        var waiting: [Int] = []
        for number in damaged.findings.compactMap(\.block) {
            let bases = directory.blocks[number].bases
            guard !bases.isEmpty, own.isDisjoint(with: bases) else { continue }
            let place = try catalog.read { (connection) throws(SQLiteError) in
                try connection.block(Int64(number), of: pack)
            }
            guard let place else { continue }
            do throws(StoreError) { _ = try reader.prefix(of: place) } catch {
                guard error.isAboutStored else { throw error }
                waiting.append(number)
            }
        }
        return waiting
    }

    /// Takes packs away that nobody can read and that hold nothing which is missing elsewhere: everything that the roots `walked` need has been
    /// found. With false, they stay, and that is told. What can be read of them by now, for bases are back, is not taken away: a pack that is good
    /// again stays, and out of another one it is copied first.
    public func settleUnreadable(areUseless: Bool, walked: Records) throws(StoreError) {
        let salvage = Salvage(self)
        defer { salvage.close() }
        for name in stuck {
            let path = repository.pack(name).path
            let reason = stuckReasons[name] ?? "it cannot be read"
            if try isGood(name) {
                tell(
                    .pack, .healed, "\(reason); what it was made from is back, and all of it can be read again", path,
                    nil, pack: name)
                continue
            }
            if areUseless, let failure = try saveReadable(of: name, salvage) {
                tell(.pack, .damage, "\(reason); \(failure.message)", path, failure.remedy, pack: name)
                continue
            }
            guard areUseless else {
                tell(
                    .pack, .damage, "\(reason); it stays as long as something that it may hold is missing", path,
                    "bring the file back from a copy of the repository, or take what is missing from one with --from",
                    pack: name)
                continue
            }
            if let lease {
                _ = try CondemnedPacks(repository: repository, catalog: catalog, lease: lease).condemn(
                    [name], marked: walked.ids, isLoss: true)
            }
            let done = isRehearsal ? "it would be taken away" : "it was taken away"
            if let lost = stuckLosses[name], !lost.isEmpty {
                let count = lost.count == 1 ? "1 chunk of it is" : "\(lost.count) chunks of it are"
                tell(
                    .pack, .healed, "\(reason); \(count) lost so far, and \(done)", path, nil, pack: name, copies: lost)
                continue
            }
            tell(.pack, .healed, "\(reason); nothing that it may hold is missing, so \(done)", path, nil, pack: name)
        }
    }
}
