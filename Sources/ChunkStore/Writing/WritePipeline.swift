import Bytes
import Posix
import SQLite
import Storage

/// The way of new chunks from a draft to the catalog: stages with threads of their own, a bounded queue before each.
///
/// ```
/// window ─ order ┐
/// draft ─────────┴ compress ─ seal ─ write ─ publish ─ catalog
/// ```
///
/// The first failure of any stage goes into the session's state; after it the stages only let their work go.
final class WritePipeline: Sendable {
    /// Takes block after block into packs, or closes those that are open.
    private enum SealJob: Sendable {
        case block(PackedBlock)
        case finish
    }

    private let effort: CompressionEffort
    private let ordering: Stage<WindowGeneration>
    private let compressing: Stage<BlockDraft>
    private let sealing: Stage<SealJob>
    private let writing: Stage<WriteJob>
    private let publishing: Stage<FinishedPack>

    init(
        _ repository: Repository, catalog: Catalog, lease: Lease, budget: Budget, level: CompressionLevel,
        state: Monitor<SessionState>, blocks: BufferShelf, slabs: BufferShelf, reader: ChunkReader
    ) throws(StoreError) {
        let storedBytes = try Self.storedBytes(catalog)
        let targetBytes = Self.packTarget(storedBytes)
        let publishing = try Stage<FinishedPack>(named: "publish", workers: 1, capacity: 1) {
            { pack in
                Self.attempt(state, orElse: { pack.upload.discard() }) { () throws(StoreError) in
                    try Self.publish(pack, lease: lease, catalog: catalog, state: state)
                }
            }
        }
        let writing = try Stage<WriteJob>(named: "write", workers: 1, capacity: budget.workers + 1) {
            { job in
                Self.attempt(state, orElse: { job.discard() }) { () throws(StoreError) in
                    switch job {
                    case .block(let stored, let writer):
                        try writer.write(stored.bytes)
                        blocks.give(back: stored)
                    case .close(let end, let directory, let writer):
                        publishing.submit(try writer.finish(end, directory: directory))
                    }
                }
            }
        }
        let sealing = try Stage<SealJob>(named: "seal", workers: 1, capacity: budget.workers + 1) {
            let assembler = PackAssembler(
                repository, lease: lease, targetBytes: targetBytes, shelf: blocks, write: { writing.submit($0) })
            return { job in
                Self.attempt(state, orElse: { assembler.discard() }) { () throws(StoreError) in
                    switch job {
                    case .block(let block): try assembler.add(block)
                    case .finish: try assembler.finish()
                    }
                }
            }
        }
        let effort = CompressionEffort(level, storedBytes: storedBytes)
        let compressing = try Stage<BlockDraft>(
            named: "compress", workers: budget.workers, capacity: budget.queuedBlocks
        ) {
            var compressor: BlockCompressor?
            return { draft in
                Self.attempt(state) { () throws(StoreError) in
                    if compressor == nil {
                        compressor = try BlockCompressor(
                            effort, deltaShareMax: budget.deltaShareMax, blockBytes: budget.blockBytes,
                            shelf: blocks)
                    }
                    if let compressor { sealing.submit(.block(try compressor.block(of: draft))) }
                }
            }
        }
        ordering = try Stage(named: "order", workers: 1, capacity: 1) {
            let search = level == .off ? nil : BaseSearch(catalog: catalog, reader: reader)
            var ordering = WindowOrdering(
                search: search, blocks: blocks, isStopped: { state.withLock { $0.failure != nil } },
                submit: { compressing.submit($0) })
            return { generation in
                ordering.order(generation)
                for slab in generation.slabs { slabs.give(back: slab) }
                state.update { $0.ordered() }
            }
        }
        self.effort = effort
        self.publishing = publishing
        self.writing = writing
        self.sealing = sealing
        self.compressing = compressing
    }

    /// A pack's size grows with the repository, so that their number stays in the thousands.
    static func packTarget(_ storedBytes: UInt64) -> Int {
        min(512 << 20, max(64 << 20, Int(clamping: storedBytes / 4_096)))
    }

    static func storedBytes(_ catalog: Catalog) throws(StoreError) -> UInt64 {
        try catalog.packs().reduce(0) { $0 + $1.bytes }
    }

    // MARK: What goes in

    /// Takes a generation of the window.
    func submit(_ generation: WindowGeneration) { ordering.submit(generation) }

    /// Takes a block's worth of chunks.
    func submit(_ draft: BlockDraft) { compressing.submit(draft) }

    /// Takes a block that needs no compressing any more.
    func submit(_ block: PackedBlock) { sealing.submit(.block(block)) }

    /// What is left is compressed quickly, whatever its level.
    func hurry() { effort.hurry() }

    /// Waits until everything that went in before is published, the last pack too. `last` is the block that nobody has filled.
    func flush(last: BlockDraft?) {
        ordering.drain()
        if let last { compressing.submit(last) }
        compressing.drain()
        sealing.submit(.finish)
        sealing.drain()
        writing.drain()
        publishing.drain()
    }

    /// Ends the threads; what is under way ends first.
    func close() {
        ordering.close()
        compressing.close()
        sealing.close()
        writing.close()
        publishing.close()
    }

    // MARK: What the stages do

    private static func publish(
        _ pack: FinishedPack, lease: Lease, catalog: Catalog, state: Monitor<SessionState>
    ) throws(StoreError) {
        try lease.announce(pack.name)
        try storing { () throws(StorageError) in try pack.upload.publish(as: pack.name.path) }
        try catalog.write { (connection) throws(SQLiteError) in
            try connection.insert(pack.name, bytes: pack.byteCount, directory: pack.directory)
            if try !connection.baselessBlocks().isEmpty { try connection.findBaseless(in: [], isLess: false) }
        }
        state.update { $0.published(pack) }
    }

    /// Does a stage's work unless something failed before.
    private static func attempt(
        _ state: Monitor<SessionState>, orElse clean: () -> Void = {}, _ body: () throws(StoreError) -> Void
    ) {
        guard state.withLock({ $0.failure == nil }) else { return clean() }
        do throws(StoreError) { try body() } catch {
            state.update { $0.fail(error) }
            clean()
        }
    }
}
