import Bytes
import Crypto
import SQLite
import Storage

/// Copies what is needed out of packs that waste much, and proves that a pack can go.
final class Repacking {
    /// What one batch copies at most; then its packs are condemned before the next begins.
    private static let batchBytes: UInt64 = 1 << 30
    private static let batchChunks = 500_000
    /// What always stays free on the disk.
    private static let reserveBytes: UInt64 = 64 << 20
    /// A block of which everything is needed, and that is at least so large, is copied as it is.
    private static let wholeBlockBytes = 1 << 20
    /// So many delta blocks wait at most.
    private static let deltasMax = 4_096

    private let repository: Repository
    private let catalog: Catalog
    private let reader: ChunkReader
    private let budget: Budget
    private let level: CompressionLevel

    init(_ repository: Repository, catalog: Catalog, reader: ChunkReader, budget: Budget, level: CompressionLevel) {
        self.repository = repository
        self.catalog = catalog
        self.reader = reader
        self.budget = budget
        self.level = level
    }

    /// Takes out of a list as many packs as one batch may copy and as the disk has room for, the first ones first. Empty: there is room for
    /// none of them.
    static func takeBatch(of packs: inout [PrunePlan.Pack], freeBytes: UInt64?) -> [PrunePlan.Pack] {
        let room = freeBytes.map { $0 > reserveBytes ? $0 - reserveBytes : 0 } ?? .max
        var batch: [PrunePlan.Pack] = []
        var bytes: UInt64 = 0
        var chunks = 0
        packs.removeAll { pack in
            // Compressed anew and padded it may take a little more than it did.
            let needed = pack.usedBytes + pack.usedBytes / 8 + (1 << 20)
            let isWithin = bytes + needed <= batchBytes && chunks + pack.usedChunks <= batchChunks
            guard bytes + needed <= room, batch.isEmpty || isWithin else { return false }
            batch.append(pack)
            bytes += needed
            chunks += pack.usedChunks
            return true
        }
        return batch
    }

    /// The first 16 bytes of an id: a batch of half a million takes half the memory. It only guards against mistakes: what is marked is copied in any case.
    struct HalfID: Hashable {
        private let first: UInt64
        private let second: UInt64

        init(_ id: ChunkID) {
            (first, second) = id.digest.withUnsafeBytes {
                ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }
        }
    }

    /// What a batch has copied.
    struct Copied {
        var chunks: Set<HalfID> = []
        var written = PruneOutcome.Amount()
        /// Whether parts of delta blocks were made anew, perhaps of fewer bases.
        var hasNewDeltas = false
    }

    /// A block that is copied, in whole or in part.
    private struct Job {
        let block: PackDirectory.Block
        let key: BlockKey
        /// Where the chunks begin that are needed.
        let wanted: Set<Int>
    }

    /// Copies the marked chunks of packs into new ones, durably: blocks of which everything is needed as zstd made them, what is left of others together
    /// in the order in which it lay, compressed anew. Delta blocks come last, those together whose bases lie together.
    func copy(
        _ packs: [CatalogConnection.PackRow], _ marks: Marks, progress: (UInt64) throws(StoreError) -> Void
    ) throws(StoreError) -> Copied {
        let lease = try Lease(for: "prune", in: repository.storage)
        let session = try WriteSession(repository, catalog: catalog, lease: lease, budget: budget, level: level)
        defer { session.close() }
        var copied = Copied()
        var bytes: UInt64 = 0
        let copier = SessionCopier(session)
        func copy(_ job: Job) throws(StoreError) {
            try self.copy(job, copier, &copied)
            bytes += UInt64(job.block.storedBytes)
            try progress(bytes)
        }
        var deltas: [Job] = []
        func copyDeltas() throws(StoreError) {
            var rounds = try BaseRounds(deltas.map(\.block.bases), reader)
            while let indices = try rounds.next() {
                for index in indices { try copy(deltas[index]) }
            }
            deltas = []
        }
        // Packs in the order in which they came: what was ordered together, by kind and name of file, comes to lie together again.
        for row in packs.sorted(by: { $0.number < $1.number }) {
            let directory = try repository.pack(row.name).directory(packBytes: row.bytes)
            for (number, block) in directory.blocks.enumerated() {
                let wanted = try marks.offsets(pack: row.number, block: Int64(number))
                if wanted.isEmpty { continue }
                let key = BlockKey(pack: row.number, block: Int64(number))
                let job = Job(block: block, key: key, wanted: wanted)
                if block.bases.isEmpty { try copy(job) } else { deltas.append(job) }
            }
            if deltas.count > Self.deltasMax { try copyDeltas() }
        }
        try copyDeltas()
        try copier.finish()
        try session.flush()
        copied.written = PruneOutcome.Amount(packs: session.statistics.packs, bytes: session.statistics.storedBytes)
        return copied
    }

    private func copy(_ job: Job, _ copier: SessionCopier, _ copied: inout Copied) throws(StoreError) {
        let (block, key, wanted) = (job.block, job.key, job.wanted)
        // A delta block is no better made anew, however small.
        let isWhole =
            wanted.count == block.chunks.count
            && (!block.bases.isEmpty || Int(block.plainBytes) >= Self.wholeBlockBytes)
        let (plain, content) = try read(key, keepsContent: isWhole)
        for (chunk, offset) in block.placedChunks where wanted.contains(offset) {
            guard offset + Int(chunk.length) <= plain.count,
                ChunkID(of: plain.bytes(offset..<offset + Int(chunk.length))) == chunk.id
            else {
                throw .damaged(
                    "chunk \(chunk.id)", path: repository.pack(try name(of: key.pack)).path,
                    "its bytes are not what its id promises", remedy: "run \"cairn repair\", and then prune")
            }
            copied.chunks.insert(HalfID(chunk.id))
            if content == nil && !block.bases.isEmpty { copied.hasNewDeltas = true }
            if content == nil {
                try copier.add(
                    chunk, plain.bytes(offset..<offset + Int(chunk.length)), block.kind, after: block.bases)
            }
        }
        if let content {
            try copier.add(
                PackedBlock(
                    kind: block.kind, codec: block.codec, plainBytes: Int(block.plainBytes), chunks: block.chunks,
                    bases: block.bases, content: content))
        }
    }

    private func read(_ key: BlockKey, keepsContent: Bool) throws(StoreError) -> (Buffer, content: Buffer?) {
        do throws(StoreError) { return try reader.blockForCopying(key, keepsContent: keepsContent) } catch {
            guard error.isAboutStored, error.remedy == nil else { throw error }
            throw StoreError(
                error.code, "\(error.message); of this pack nothing was deleted", path: error.path,
                remedy: "run \"cairn repair\", and then prune")
        }
    }

    private func name(of pack: Int64) throws(StoreError) -> PackName {
        guard let row = try catalog.packs().first(where: { $0.number == pack }) else {
            throw StoreError(.catalog, "pack \(pack) is not in the catalog any more", remedy: "run prune again")
        }
        return row.name
    }

    /// Proves, from the pack's own directory and not from the catalog alone, that no needed chunk would go with it: each was copied just now, or
    /// has another needed copy, which is read for it.
    func requireNothingLost(
        with row: CatalogConnection.PackRow, copied: Set<HalfID>, _ marks: Marks
    ) throws(StoreError) {
        let pack = repository.pack(row.name)
        let directory = try pack.directory(packBytes: row.bytes)
        var others: [(ChunkID, ChunkPlace)] = []
        for (number, block) in directory.blocks.enumerated() {
            for (chunk, offset) in block.placedChunks {
                if copied.contains(HalfID(chunk.id)) { continue }
                let place = ChunkPlace(
                    pack: row.number, block: Int64(number), offset: offset, length: Int(chunk.length))
                if try marks.isMarked(place) {
                    throw StoreError(
                        .catalog, "chunk \(chunk.id) is needed and was not copied, so its pack stays", path: pack.path,
                        remedy: "run \"cairn check\"")
                }
                if let other = try marks.markedCopy(of: chunk.id, outside: row.number) {
                    others.append((chunk.id, other))
                }
            }
        }
        for (id, place) in others.sorted(by: { $0.1.key < $1.1.key }) {
            let plain = try reader.block(place.key, ahead: true)
            guard let range = place.range(inBlockOf: plain.count), ChunkID(of: plain.bytes(range)) == id else {
                throw StoreError(
                    .damaged, "the other copy of chunk \(id) is damaged, so the pack stays", path: pack.path,
                    remedy: "run \"cairn repair\", and then prune")
            }
        }
    }
}

/// Hands chunks to a session although they are stored already. Chunks keep the order in which they lay.
final class SessionCopier {
    private let session: WriteSession
    private var drafts: [ChunkKind: BlockDraft] = [:]

    init(_ session: WriteSession) { self.session = session }

    /// A block as it is.
    func add(_ block: PackedBlock) throws(StoreError) {
        try session.keep(block)
    }

    /// A chunk, compressed anew among those before and behind it, or as a difference from bases that stay.
    func add(
        _ chunk: ChunkReference, _ bytes: UnsafeRawBufferPointer, _ kind: ChunkKind, after bases: [ChunkID] = []
    ) throws(StoreError) {
        guard bases.isEmpty else {
            return try session.accept([NewChunk(chunk: chunk, bytes: bytes, parents: bases)], kind: kind, near: .none)
        }
        // Held once, so that it grows in place.
        var open = drafts.removeValue(forKey: kind) ?? session.draft(for: bytes.count, kind: kind)
        if !open.hasRoom(for: bytes.count) {
            try session.accept(open)
            open = session.draft(for: bytes.count, kind: kind)
        }
        open.append(chunk, bytes)
        drafts[kind] = open
    }

    func finish() throws(StoreError) {
        for kind in ChunkKind.allCases {
            if let draft = drafts.removeValue(forKey: kind) { try session.accept(draft) }
        }
    }
}
