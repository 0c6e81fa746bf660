import Bytes

/// Work for the stage that writes packs.
enum WriteJob: Sendable {
    /// A sealed block; its buffer goes to the shelf afterwards.
    case block(Buffer, PackWriter)
    /// What closes the pack.
    case close([UInt8], PackDirectory, PackWriter)

    /// Throws away the pack that it belongs to.
    func discard() {
        switch self {
        case .block(_, let writer), .close(_, _, let writer): writer.discard()
        }
    }
}

/// Decides which pack a block goes into and when a pack is full, and seals. Runs on the one thread of its stage.
///
/// The first few blocks are held back: if the session turns out to be small, all of them, data and trees, go into one pack.
final class PackAssembler {
    /// A session that stores less than this makes one pack of everything.
    private static let smallSessionBytes = 4 << 20
    private static let smallSessionBlocks = 8
    /// So many chunks fill a pack, however small they are: it ends with the block that brings it to that.
    static let chunksMax = 65_536
    private static let basesMax = 65_536

    private let repository: Repository
    private let lease: Lease
    private let targetBytes: Int
    private let shelf: BufferShelf
    private let proof: Buffer
    private let write: (WriteJob) -> Void
    private var open: [PackName.PackFolder: PackSealer] = [:]
    private var held: [PackedBlock]? = []

    /// What is sealed is handed to `write`.
    init(
        _ repository: Repository, lease: Lease, targetBytes: Int, shelf: BufferShelf,
        write: @escaping (WriteJob) -> Void
    ) {
        self.repository = repository
        self.lease = lease
        self.targetBytes = targetBytes
        self.shelf = shelf
        self.write = write
        proof = Buffer(capacity: repository.mode == .none ? 0 : shelf.bufferBytes)
    }

    /// Takes a block.
    func add(_ block: PackedBlock) throws(StoreError) {
        guard var waiting = held else { return try seal(block, into: Self.folder(of: block)) }
        held = nil
        waiting.append(block)
        let isSmall = waiting.reduce(0) { $0 + $1.content.count } < Self.smallSessionBytes
        if isSmall && waiting.count < Self.smallSessionBlocks {
            held = waiting
        } else {
            for block in waiting { try seal(block, into: Self.folder(of: block)) }
        }
    }

    /// Closes what is open. Afterwards everything that was added is on its way in packs that end.
    func finish() throws(StoreError) {
        let waiting = held ?? []
        // Trees pull the data along into their folder: whoever wants them has all of it in one file.
        let common = waiting.contains { $0.kind == .tree } ? PackName.PackFolder.trees : .data
        for block in waiting { try seal(block, into: common) }
        for folder in PackName.PackFolder.allCases { try close(folder) }
        held = []
    }

    /// Throws away what is not finished.
    func discard() {
        for sealer in open.values { sealer.writer.discard() }
        open = [:]
        held = []
    }

    private static func folder(of block: PackedBlock) -> PackName.PackFolder { block.kind == .tree ? .trees : .data }

    private func seal(_ block: PackedBlock, into folder: PackName.PackFolder) throws(StoreError) {
        let sealer: PackSealer
        if let begun = open[folder] {
            sealer = begun
        } else {
            sealer = try PackSealer(folder, temporaryName: lease.temporaryName(), in: repository)
            open[folder] = sealer
        }
        let (block, rest) = split(block, for: sealer)
        let needed = block.content.count
        let stored = try sealer.seal(
            block, shelf: shelf, proof: proof.capacity >= needed ? proof : Buffer(capacity: needed))
        write(.block(stored, sealer.writer))
        if rest != nil || isFull(sealer, behind: block) { try close(folder) }
        if let rest { try seal(rest, into: folder) }
    }

    private func close(_ folder: PackName.PackFolder) throws(StoreError) {
        guard let sealer = open.removeValue(forKey: folder) else { return }
        let (end, directory) = try sealer.finish()
        write(.close(end, directory, sealer.writer))
    }

    // MARK: Where a pack ends

    /// Below this a pack is not full.
    private var leastBytes: Int { targetBytes / 4 * 3 }

    /// As little as a filler should be.
    private var fillerBytes: Int { targetBytes / 2_048 }

    /// A pack is closed where padding costs least. With each block the filler is as good as random; so the more blocks may still come, the
    /// smaller it must be. Behind a block that could have been parted it is waited for a better place to part one.
    private func isFull(_ sealer: PackSealer, behind last: PackedBlock) -> Bool {
        let (filler, total) = sealer.closing
        if total >= targetBytes || sealer.chunkCount >= Self.chunksMax || sealer.baseCount >= Self.basesMax {
            return true
        }
        guard repository.mode != .none, total >= leastBytes else { return false }
        if last.codec == .stored && last.chunks.count > 1 { return filler <= fillerBytes }
        let blocksLeft = (targetBytes - total) / sealer.meanBlockBytes
        return filler * (blocksLeft + 2) <= 2 * padmeStep(total)
    }

    /// A block that is stored as it is can be parted between any two chunks: so a pack of such blocks ends where hardly any filler is needed.
    private func split(_ block: PackedBlock, for sealer: PackSealer) -> (PackedBlock, rest: PackedBlock?) {
        guard repository.mode != .none, block.codec == .stored,
            sealer.closing(blocks: 1, contentBytes: block.content.count, chunks: block.chunks.count).total >= leastBytes
        else { return (block, nil) }
        var best = (filler: fillerBytes, chunks: block.chunks.count, bytes: block.content.count)
        var bytes = 0
        for (index, chunk) in block.chunks.enumerated() {
            bytes += Int(chunk.length)
            let (filler, total) = sealer.closing(blocks: 1, contentBytes: bytes, chunks: index + 1)
            guard total <= targetBytes else { break }
            if total >= leastBytes, filler < best.filler { best = (filler, index + 1, bytes) }
        }
        return best.chunks == block.chunks.count
            ? (block, nil) : block.parted(chunks: best.chunks, bytes: best.bytes, shelf)
    }
}

extension PackedBlock {
    /// Two blocks of one that is stored as it is: the first chunks, and the others.
    fileprivate func parted(chunks count: Int, bytes: Int, _ shelf: BufferShelf) -> (PackedBlock, rest: PackedBlock?) {
        let rest = shelf.take(content.count - bytes)
        rest.append(content.bytes(bytes..<content.count))
        content.count = bytes
        return (
            PackedBlock(kind: kind, codec: codec, plainBytes: bytes, chunks: Array(chunks[..<count]), content: content),
            PackedBlock(
                kind: kind, codec: codec, plainBytes: rest.count, chunks: Array(chunks[count...]), content: rest)
        )
    }
}
