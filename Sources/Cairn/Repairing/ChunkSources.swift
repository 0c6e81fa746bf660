import ChunkStore

/// Where missing chunks may still be: in this repository outside of the packs that count, and in other repositories.
final class ChunkSources {
    private let readers: [ChunkReader]
    private let own: ChunkReader

    init(own: ChunkReader, others: [Store], isTraceless: Bool) throws(CairnError) {
        self.own = own
        var readers: [ChunkReader] = []
        do throws(CairnError) {
            for store in others {
                readers.append(
                    try storing { () throws(StoreError) in
                        try store.reader(for: "repair --from", isTraceless: isTraceless)
                    })
            }
        } catch {
            for reader in readers { reader.close() }
            throw error
        }
        self.readers = readers
    }

    func close() { for reader in readers { reader.close() } }

    /// Stores those of the chunks that are found; says of each whether it was.
    func store(_ chunks: [RootReference], in session: WriteSession) throws(CairnError) -> [Bool] {
        var found = [Bool](repeating: false, count: chunks.count)
        for reader in [own] + readers {
            var wanted: [Int] = []
            for (index, chunk) in chunks.enumerated() where !found[index] {
                let isThere = try storing { () throws(StoreError) in
                    reader === own ? try reader.isListed(chunk.id) : try reader.contains(chunk.id)
                }
                if isThere { wanted.append(index) }
            }
            if wanted.isEmpty { continue }
            try storing { () throws(StoreError) in
                try fetch(wanted, of: chunks, from: reader, into: session, &found)
            }
        }
        return found
    }

    private func fetch(
        _ wanted: [Int], of chunks: [RootReference], from reader: ChunkReader, into session: WriteSession,
        _ found: inout [Bool]
    ) throws(StoreError) {
        let ids = wanted.map { chunks[$0].id }
        // Here they lie only in packs that were condemned, often for this very block, or in delta blocks without their bases.
        for visit in try reader.visits(to: ids) where reader !== own || reader.canRead(visit) {
            var failure: StoreError?
            _ = reader.lend(visit, of: ids) { lent in
                for chunk in lent where failure == nil {
                    let index = wanted[chunk.index]
                    do throws(StoreError) {
                        try session.put(chunk.bytes, as: chunks[index].kind, isMissing: true)
                        found[index] = true
                    } catch { failure = error }
                }
            }
            if let failure { throw failure }
        }
    }
}
