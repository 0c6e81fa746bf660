import Bytes

/// Decides which pack a block goes into, and when a pack is full. Runs on the one thread of its stage.
///
/// The first few blocks are held back: if the session turns out to be small, all of them, data and trees, go into one pack.
final class PackAssembler {
    /// A session that stores less than this makes one pack of everything.
    private static let smallSessionBytes = 4 << 20
    /// So many chunks fill a pack, however small they are.
    private static let chunksMax = 131_072

    private let repository: Repository
    private let lease: Lease
    private let targetBytes: Int
    private let shelf: BufferShelf
    private let scratch: Buffer
    private var builders: [PackName.PackFolder: PackBuilder] = [:]
    private var held: [PackedBlock]? = []

    init(_ repository: Repository, lease: Lease, targetBytes: Int, blockBytes: Int, shelf: BufferShelf) {
        self.repository = repository
        self.lease = lease
        self.targetBytes = targetBytes
        self.shelf = shelf
        // Room for a block's content and for what its sealed form opens to.
        scratch = Buffer(capacity: repository.mode == .none ? 0 : 2 * blockBytes)
    }

    /// Takes a block; hands packs that it filled to `publish`.
    func add(_ block: PackedBlock, publish: (FinishedPack) -> Void) throws(StoreError) {
        guard var waiting = held else { return try write(block, into: Self.folder(of: block), publish) }
        held = nil
        waiting.append(block)
        if waiting.reduce(0, { $0 + $1.content.count }) < Self.smallSessionBytes {
            held = waiting
        } else {
            for block in waiting { try write(block, into: Self.folder(of: block), publish) }
        }
    }

    /// Closes what is open. Afterwards everything that was added is in packs that were handed out.
    func finish(publish: (FinishedPack) -> Void) throws(StoreError) {
        let waiting = held ?? []
        held = nil
        // Trees pull the data along into their folder: whoever wants them has all of it in one file.
        let common = waiting.contains { $0.kind == .tree } ? PackName.PackFolder.trees : .data
        for block in waiting { try write(block, into: common, publish) }
        for folder in PackName.PackFolder.allCases {
            if let builder = builders.removeValue(forKey: folder) { publish(try builder.finish()) }
        }
        held = []
    }

    /// Throws away what is not finished.
    func discard() {
        for builder in builders.values { builder.discard() }
        builders = [:]
        held = []
    }

    private static func folder(of block: PackedBlock) -> PackName.PackFolder { block.kind == .tree ? .trees : .data }

    private func write(
        _ block: PackedBlock, into folder: PackName.PackFolder, _ publish: (FinishedPack) -> Void
    ) throws(StoreError) {
        let builder: PackBuilder
        if let open = builders[folder] {
            builder = open
        } else {
            builder = try PackBuilder(folder, temporaryName: lease.temporaryName(), in: repository)
            builders[folder] = builder
        }
        let needed = 2 * block.content.count
        try builder.append(block, scratch: scratch.capacity >= needed ? scratch : Buffer(capacity: needed))
        shelf.give(back: block.content)
        if isFull(builder) {
            builders[folder] = nil
            publish(try builder.finish())
        }
    }

    /// A pack is closed near its target, where padding costs least.
    private func isFull(_ builder: PackBuilder) -> Bool {
        let (filler, total) = builder.closing
        if total >= targetBytes / 8 * 9 || builder.chunkCount >= Self.chunksMax { return true }
        return repository.mode == .none ? total >= targetBytes : total >= targetBytes / 8 * 7 && filler <= total / 512
    }
}
