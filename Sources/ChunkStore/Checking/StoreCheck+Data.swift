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
        try proof.prove(chosen, remembering: memory, isCancelled: isCancelled, onProgress: onProgress) {
            outcome throws(StoreError) in
            switch outcome.verdict {
            case .good: summary.goodPacks += 1
            case .bad:
                // One that went meanwhile was on its way out, and so may its bases have been.
                guard repository.isThere(outcome.name.path) else { return }
                let baseless = try baselessBlocks(of: outcome.name)
                for var finding in outcome.findings {
                    if let block = finding.block, baseless.contains(Int64(block)) {
                        onFinding(.leftOver(finding, block, of: outcome.name))
                        continue
                    }
                    finding.lost = try lost(finding)
                    onFinding(finding)
                }
            case .unreadable(let error): try report(error, of: outcome.name)
            }
        }
        return summary
    }

    /// The delta blocks of a pack of which a base is nowhere any more. Whoever needs something in them was told that it is missing: what is left are those of
    /// operations that came to nothing, whose bases were pruned.
    private func baselessBlocks(of pack: PackName) throws(StoreError) -> Set<Int64> {
        let catalog = try store.catalog()
        try catalog.synchronize(.all)
        return try catalog.read { (connection) throws(SQLiteError) in
            guard let row = try connection.packs().first(where: { $0.name == pack }) else { return [] }
            return Set(try connection.baselessBlocks().lazy.filter { $0.pack == row.number }.map(\.block))
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
