internal import Crypto
internal import SQLite

extension StoreCheck {
    /// What a check of the bytes read.
    public struct DataSummary: Hashable, Sendable {
        /// How many packs were read.
        public var packs = 0
        /// How many of these are good.
        public var goodPacks = 0
        /// The bytes of those that were read.
        public var bytes: UInt64 = 0
    }

    /// Reads packs whole: the file against its name, every block, every chunk against its id. `only` leaves out the packs whose names are not in
    /// it. When a pack was found good is remembered beside the catalog.
    ///
    /// `onProgress` gets the bytes read so far, and how many there are to read.
    public func data(
        _ selection: PackSelection, only: Set<String>? = nil,
        onProgress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) throws(StoreError) -> DataSummary {
        let memory = VerifiedPacks(try store.cacheFolder())
        let verified = memory.all()
        let present = try repository.packs()
        let names = Set(present.map(\.name))
        for name in verified.keys where !names.contains(name) { memory.forget(name) }
        let candidates = present.filter { only?.contains($0.name.id.hex) ?? true }.map {
            PackSelection.Candidate(name: $0.name, bytes: $0.bytes, verified: verified[$0.name])
        }
        let chosen = selection.choose(from: candidates).map { (name: $0.name, bytes: $0.bytes) }
        var summary = DataSummary()
        summary.packs = chosen.count
        summary.bytes = chosen.reduce(0) { $0 + $1.bytes }
        let proof = try PackProof(repository, reader: reader, budget: store.budget)
        defer { proof.close() }
        var again: [(name: PackName, bytes: UInt64)] = []
        func take(_ outcome: PackProof.Outcome, isLast: Bool) throws(StoreError) {
            switch outcome.verdict {
            case .good: summary.goodPacks += 1
            case .bad:
                // One that went meanwhile was on its way out, and so may its bases have been.
                guard repository.isThere(outcome.name.path) else { return }
                let deltas = try deltas(of: outcome.name)
                if !isLast, deltas.mayReadNow(outcome.findings) {
                    again += chosen.filter { $0.name == outcome.name }
                    return
                }
                for finding in outcome.findings { try report(finding, of: outcome.name, deltas) }
            case .unreadable(let error): try report(error, of: outcome.name)
            }
        }
        try proof.prove(chosen, remembering: memory, isCancelled: isCancelled, onProgress: onProgress) {
            outcome throws(StoreError) in try take(outcome, isLast: false)
        }
        // Bases that others have moved, or stored again, are found now.
        try proof.prove(again, remembering: memory, isCancelled: isCancelled, onProgress: { _, _ in }) {
            outcome throws(StoreError) in try take(outcome, isLast: true)
        }
        return summary
    }

    private func report(_ finding: StoreFinding, of pack: PackName, _ deltas: Deltas) throws(StoreError) {
        if let block = finding.block, deltas.baseless.contains(Int64(block)) {
            return onFinding(.leftOver(finding, block, of: pack))
        }
        var finding = finding
        finding.lost = try lost(finding)
        onFinding(finding)
    }

    /// The delta blocks of a pack, and those of which a base is nowhere any more. Whoever needs something in the latter was told that it is missing: what is
    /// left are those of operations that came to nothing, whose bases were pruned.
    private struct Deltas {
        var all: Set<Int64> = []
        var baseless: Set<Int64> = []

        /// Whether a block was found bad that has all its bases by now: others may have moved them when it was read.
        func mayReadNow(_ findings: [StoreFinding]) -> Bool {
            findings.contains { finding in
                guard let block = finding.block.map(Int64.init) else { return false }
                return all.contains(block) && !baseless.contains(block)
            }
        }
    }

    private func deltas(of pack: PackName) throws(StoreError) -> Deltas {
        let catalog = try store.catalog()
        try catalog.synchronize(.all)
        return try catalog.read { (connection) throws(SQLiteError) in
            var found = Deltas()
            guard let row = try connection.row(of: pack) else { return found }
            try connection.forEachDelta(of: row.number) { block, _ in found.all.insert(block.block) }
            found.baseless = Set(try connection.baselessBlocks().lazy.filter { $0.pack == row.number }.map(\.block))
            return found
        }
    }
}

extension StoreFinding {
    fileprivate static func leftOver(_ finding: StoreFinding, _ block: Int, of pack: PackName) -> StoreFinding {
        StoreFinding(
            .block, .note, "\(finding.message); nobody needs what lies in it, unless that is reported as missing",
            path: finding.path, remedy: "\"cairn prune\" takes it away", pack: pack, block: block)
    }
}
