import Crypto

/// The text beside condemned packs: what was condemned together, since when, and what had been looked at before.
struct CondemnedRecord: Hashable, Sendable {
    /// Unix seconds, by the clock of whoever wrote it.
    var since: Int64
    /// The roots, forgotten ones too, that had been marked. Whatever any other root needs comes back.
    var roots: Set<String>
    var packs: [PackName]
    /// Whether the packs were damaged, so that chunks of theirs may be nowhere else: whoever remembers that those are stored must look again.
    var isLoss = false

    static let suffix = ".record"

    var encoded: [UInt8] {
        var text = "cairn-condemned 1\nsince \(since)\n"
        if isLoss { text += "loss 1\n" }
        for root in roots.sorted() { text += "root \(root)\n" }
        for pack in packs { text += "pack \(pack.folder.letter) \(pack.id)\n" }
        return Array((text + "end\n").utf8)
    }

    init(since: Int64, roots: Set<String>, packs: [PackName], isLoss: Bool = false) {
        self.since = since
        self.roots = roots
        self.packs = packs
        self.isLoss = isLoss
    }

    /// Reads a record; nil for one that is not whole, or of a later version. Its packs then count as condemned by nobody.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == "cairn-condemned 1", lines.suffix(2) == ["end", ""] else { return nil }
        self.init(since: 0, roots: [], packs: [])
        for line in lines.dropFirst().dropLast(2) {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            switch parts[0] {
            case "since":
                guard let seconds = Int64(parts[1]) else { return nil }
                since = seconds
            case "loss":
                guard parts[1] == "1" else { return nil }
                isLoss = true
            case "root":
                guard SHA256Digest(hex: parts[1]) != nil else { return nil }
                roots.insert(parts[1])
            case "pack":
                guard let pack = PackName(claimed: parts[1]) else { return nil }
                packs.append(pack)
            default: return nil
            }
        }
    }

    // MARK: The leases that were alive when the packs had gone

    static let witnessSuffix = ".leases"

    static func encode(leases: [String]) -> [UInt8] {
        Array((["cairn-leases 1"] + leases + ["end", ""]).joined(separator: "\n").utf8)
    }

    /// Reads such a list; nil for one that is not whole.
    static func leases(_ bytes: [UInt8]) -> [String]? {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == "cairn-leases 1", lines.suffix(2) == ["end", ""] else { return nil }
        let leases = lines.dropFirst().dropLast(2).map(String.init)
        return leases.allSatisfy(LeaseRoll.isID) ? leases : nil
    }
}
