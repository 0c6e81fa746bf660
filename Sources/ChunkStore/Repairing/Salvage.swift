import Bytes
import SQLite

/// Copies out of a damaged pack what is good in it and nowhere else.
final class Salvage {
    private let repair: StoreRepair
    private var session: WriteSession?

    init(_ repair: StoreRepair) { self.repair = repair }

    /// A block to look into.
    struct Block {
        let number: Int64
        let kind: ChunkKind
        let isDelta: Bool
        let chunks: [(chunk: ChunkReference, offset: Int)]
    }

    /// What came of a pack.
    struct Outcome {
        /// Chunks that were copied.
        var copied: Set<RootReference> = []
        /// Chunks of which there is no good copy in it, nor anywhere else.
        var lost: [RootReference] = []
        /// Chunks that are not good in it, those that are good elsewhere too.
        var bad = 0
        /// A failure to read that says nothing about the bytes: the pack must be left alone.
        var failure: StoreError?
    }

    /// Copies durably. The catalog's rows of these blocks must be right, or at least no other than what the pack held.
    func copy(_ pack: Int64, _ blocks: [Block]) throws(StoreError) -> Outcome {
        var outcome = Outcome()
        let copier = try begin().map { SessionCopier($0) }
        for block in blocks {
            try repair.check()
            try copy(block, of: pack, copier, &outcome)
            if outcome.failure != nil { return outcome }
        }
        try copier?.finish()
        try session?.flush()
        // What is bad in one block of the pack may be good in the next.
        outcome.lost.removeAll { outcome.copied.contains($0) }
        return outcome
    }

    func close() { session?.close() }

    private func begin() throws(StoreError) -> WriteSession? {
        if repair.isRehearsal { return nil }
        if let session { return session }
        session = try repair.store.write(for: "repair")
        return session
    }

    private func copy(
        _ block: Block, of pack: Int64, _ copier: SessionCopier?, _ outcome: inout Outcome
    ) throws(StoreError) {
        let key = BlockKey(pack: pack, block: block.number)
        var plain: (bytes: UnsafeRawBufferPointer, keep: AnyObject)?
        do throws(StoreError) {
            let buffer = try repair.reader.block(key, ahead: true)
            plain = (buffer.bytes, buffer)
        } catch {
            guard error.isAboutStored else { throw error }
            if [.storage, .readOnly].contains(error.code) { return outcome.failure = error }
        }
        for (chunk, offset) in block.chunks {
            let reference = RootReference(kind: block.kind, id: chunk.id)
            if outcome.copied.contains(reference) { continue }
            let end = offset + Int(chunk.length)
            var good: UnsafeRawBufferPointer?
            if let plain, end <= plain.bytes.count {
                let bytes = UnsafeRawBufferPointer(rebasing: plain.bytes[offset..<end])
                if ChunkID(of: bytes) == chunk.id { good = bytes }
            }
            if good == nil { outcome.bad += 1 }
            if try isElsewhere(reference, outside: pack) { continue }
            guard let good else {
                outcome.lost.append(reference)
                continue
            }
            outcome.copied.insert(reference)
            try copier?.add(chunk, good, block.kind)
        }
        withExtendedLifetime(plain?.keep) {}
    }

    /// Whether another pack that stays has a good copy. One in a delta block does not count: a whole one may be somebody's base.
    private func isElsewhere(_ chunk: RootReference, outside pack: Int64) throws(StoreError) -> Bool {
        let copies = try repair.catalog.read { (connection) throws(SQLiteError) in
            try connection.copies(of: chunk.id)
        }
        for copy in copies
        where copy.place.pack != pack && copy.kind == chunk.kind && !copy.isDelta && !copy.isCondemned {
            do throws(StoreError) {
                let plain = try repair.reader.block(copy.place.key, ahead: true)
                if let range = copy.place.range(inBlockOf: plain.count), ChunkID(of: plain.bytes(range)) == chunk.id {
                    return true
                }
            } catch {
                guard error.isAboutStored else { throw error }
            }
        }
        return false
    }
}

extension Salvage.Block {
    /// The blocks of a directory.
    static func all(of directory: PackDirectory) -> [Salvage.Block] {
        directory.blocks.enumerated().map { number, block in
            Salvage.Block(
                number: Int64(number), kind: block.kind, isDelta: !block.bases.isEmpty,
                chunks: Array(block.placedChunks))
        }
    }
}
