/// Which packs go, and which are copied first.
struct PrunePlan {
    /// A pack, and how much of it is needed.
    struct Pack {
        let row: CatalogConnection.PackRow
        /// The stored bytes of its blocks, and how many of them the needed chunks take, as near as a block that is needed in part tells.
        var blockBytes: UInt64 = 0
        var usedBytes: UInt64 = 0
        var usedChunks = 0
        /// What bases take elsewhere that are needed only as long as delta blocks stay in which nothing is needed.
        var heldBytes: UInt64 = 0

        /// What nobody needs of it.
        var unusedBytes: UInt64 { blockBytes - min(blockBytes, usedBytes) }
        /// What would be free without what nobody needs.
        var wastedBytes: UInt64 { unusedBytes + heldBytes }
        /// What a copy of what is needed takes, about: of its directory and padding as large a part as of its chunks.
        var copyBytes: UInt64 {
            let overhead = row.bytes - min(row.bytes, blockBytes)
            return usedBytes + UInt64(Double(overhead) * Double(usedChunks) / Double(max(1, row.chunks)))
        }
        /// The part of it, and of what it holds, that is needed.
        var worth: Double { row.bytes == 0 ? 1 : Double(usedBytes) / Double(row.bytes + heldBytes) }
    }

    /// Nothing in them is needed.
    private(set) var unneeded: [Pack] = []
    /// Something in them is needed and copied, those that waste most first.
    private(set) var repacked: [Pack] = []
    /// The others.
    private(set) var kept: [Pack] = []

    /// So many small packs of one folder are made into larger ones.
    private static let smallPacksMax = 8
    /// What counts as small.
    private static let smallPackBytes: UInt64 = 8 << 20
    /// Where less than this share of a pack is free it is not copied, whatever is asked for: nothing would be won, and again each time.
    private static let wasteShareMin = 0.005

    /// How many small packs there are in the folder that has most of them, where that is more than there may be; otherwise none.
    static func surplusOfSmall(_ rows: [CatalogConnection.PackRow]) -> Int {
        let counts = PackName.PackFolder.allCases.map { folder in
            rows.count { $0.name.folder == folder && isSmall($0, chunks: $0.chunks) }
        }
        return counts.filter { $0 >= smallPacksMax }.max() ?? 0
    }

    /// Whether a pack is small and would not be so together with others: one that is full of tiny chunks gets no larger by copying.
    private static func isSmall(_ row: CatalogConnection.PackRow, chunks: Int64) -> Bool {
        row.bytes < smallPackBytes && chunks < PackAssembler.chunksMax / 2
    }

    /// `broken` packs hold delta blocks that nobody needs and nobody can read: they are copied without these, whatever they waste.
    init(_ packs: [Pack], broken: Set<Int64> = [], _ request: PruneRequest) {
        let used = packs.reduce(UInt64(0)) { $0 + $1.usedBytes }
        let tolerated = request.maxUnused.bytes(ofUsed: used)
        unneeded = packs.filter { $0.usedChunks == 0 }
        let inUse = packs.filter { $0.usedChunks > 0 }.sorted {
            ($0.worth, $0.row.name.id) < ($1.worth, $1.row.name.id)
        }
        var unused = inUse.reduce(UInt64(0)) { $0 + $1.wastedBytes }
        var copied: UInt64 = 0
        var rest: [Pack] = []
        for pack in inUse {
            let waste = pack.wastedBytes
            let isWasteful = Double(waste) > Self.wasteShareMin * Double(pack.blockBytes)
            let isDue = isWasteful && unused > tolerated || broken.contains(pack.row.number)
            guard isDue, pack.usedBytes <= request.maxRepackBytes - copied else {
                rest.append(pack)
                continue
            }
            repacked.append(pack)
            unused -= waste
            copied += pack.usedBytes
        }
        for folder in PackName.PackFolder.allCases {
            let small = rest.filter {
                $0.row.name.folder == folder && Self.isSmall($0.row, chunks: Int64($0.usedChunks))
            }
            let bytes = small.reduce(UInt64(0)) { $0 + $1.usedBytes }
            // What is copied anyway may end in one more.
            let others = repacked.isEmpty ? 0 : 1
            guard small.count + others >= Self.smallPacksMax, bytes <= request.maxRepackBytes - copied else { continue }
            let numbers = Set(small.map(\.row.number))
            rest.removeAll { numbers.contains($0.row.number) }
            repacked += small
            copied += bytes
        }
        kept = rest
    }
}
