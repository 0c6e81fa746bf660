import Posix
import SQLite

/// Readies the bases of many delta blocks that are about to be read, as many at a time as memory allows: each block in which bases lie is decoded
/// once a round for all delta blocks of the round, where otherwise it would be decoded again whenever the cache has lost it. One thread at a time.
struct BaseRounds {
    /// One of the delta blocks.
    private struct Delta {
        let index: Int
        let bases: [Base]
        /// Where the first of them lies.
        let place: ChunkPlace

        init(index: Int, bases: [Base]) {
            (self.index, self.bases) = (index, bases)
            place = bases.map(\.place).min() ?? ChunkPlace(pack: -1, block: 0, offset: 0, length: 0)
        }
    }

    private let reader: ChunkReader
    /// Those whose bases lie together stand together.
    private var rest: ArraySlice<Delta>

    /// Of each delta block the bases that it names.
    init(_ deltas: [[ChunkID]], _ reader: ChunkReader) throws(StoreError) {
        self.reader = reader
        let found = try reader.catalog.read { (connection) throws(SQLiteError) in
            var found: [Delta] = []
            for (index, ids) in deltas.enumerated() {
                var bases: [Base] = []
                // What has no whole copy is told by whoever reads the block.
                for id in ids {
                    let copies = try connection.copies(of: id).filter { !$0.isDelta }
                    guard let copy = copies.first(where: { !$0.isCondemned }) ?? copies.first else { continue }
                    bases.append(Base(id: id, place: copy.place))
                }
                found.append(Delta(index: index, bases: bases))
            }
            return found
        }
        rest = found.sorted { $0.place < $1.place }[...]
    }

    /// Which delta blocks are to be read now; nil when all have been. What was readied for those before is let go.
    mutating func next() throws(StoreError) -> [Int]? {
        var bases: [ChunkID: ChunkPlace] = [:]
        var bytes = 0
        var indices: [Int] = []
        while let delta = rest.first {
            let new = delta.bases.filter { bases[$0.id] == nil }
            bytes += new.reduce(0) { $0 + $1.place.length }
            guard indices.isEmpty || bytes <= reader.readyBytesMax else { break }
            for base in new { bases[base.id] = base.place }
            indices.append(delta.index)
            rest = rest.dropFirst()
        }
        // One alone gains nothing.
        try reader.ready(indices.count > 1 ? bases : [:])
        return indices.isEmpty ? nil : indices
    }
}
