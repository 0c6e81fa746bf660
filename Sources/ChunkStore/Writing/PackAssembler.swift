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
    /// So many chunks fill a pack, however small they are.
    private static let chunksMax = 65_536

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
        let needed = block.content.count
        let stored = try sealer.seal(
            block, shelf: shelf, proof: proof.capacity >= needed ? proof : Buffer(capacity: needed))
        write(.block(stored, sealer.writer))
        if isFull(sealer) { try close(folder) }
    }

    private func close(_ folder: PackName.PackFolder) throws(StoreError) {
        guard let sealer = open.removeValue(forKey: folder) else { return }
        let (end, directory) = try sealer.finish()
        write(.close(end, directory, sealer.writer))
    }

    /// A pack is closed near its target, where padding costs least.
    private func isFull(_ sealer: PackSealer) -> Bool {
        let (filler, total) = sealer.closing
        if total >= targetBytes / 8 * 9 || sealer.chunkCount >= Self.chunksMax { return true }
        return repository.mode == .none ? total >= targetBytes : total >= targetBytes / 8 * 7 && filler <= total / 512
    }
}
