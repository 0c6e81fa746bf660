internal import Bytes
internal import Crypto
internal import Posix
internal import SQLite
internal import Storage

/// Puts chunks into a store. What is new is compressed, sealed and published by threads of the session; `flush` waits until all of
/// it is durable. Any thread may call, several at once.
///
/// ```
/// put, ChunkStream ─ hash ─ known? ┬ small: window ─ order ┐
///                                  └ large: draft ─────────┴ compress ─ seal ─ write ─ publish ─ catalog
/// ```
///
/// Each arrow is a bounded queue: whoever puts faster than the rest can follow waits. After an error every further call
/// throws that error; what was published stays and serves the next session.
public final class WriteSession: Sendable {
    private let repository: Repository
    private let catalog: Catalog
    private let lease: Lease
    private let budget: Budget
    private let state: Monitor<State>
    private let segments: BufferShelf
    private let blocks: BufferShelf
    private let slabs: BufferShelf
    private let hashing: Stage<HashBatch>
    private let ordering: Stage<WindowGeneration>
    private let compressing: Stage<BlockDraft>
    private let sealing: Stage<SealJob>
    private let writing: Stage<WriteJob>
    private let publishing: Stage<FinishedPack>

    /// What a session has done so far.
    public struct Statistics: Sendable, Hashable {
        /// New chunks of data.
        public var dataChunks = 0
        /// New chunks of trees.
        public var treeChunks = 0
        /// The plain bytes of new chunks.
        public var newBytes: UInt64 = 0
        /// The bytes of chunks that were stored already.
        public var knownBytes: UInt64 = 0
        /// The bytes of published packs.
        public var storedBytes: UInt64 = 0
        /// The number of published packs.
        public var packs = 0

        /// Nothing done yet.
        public init() {}
    }

    private struct ChunkKey: Hashable {
        let id: ChunkID
        let kind: ChunkKind
    }

    private struct State {
        var failure: StoreError?
        var isClosed = false
        var window = WindowGeneration()
        /// What the ordering stage still holds of the generation before.
        var orderingWeight = 0
        var treeDraft: BlockDraft?
        /// New chunks that are not in the catalog yet.
        var pending: Set<ChunkKey> = []
        var openStreams = 0
        var statistics = Statistics()
    }

    private enum SealJob: Sendable {
        case block(PackedBlock)
        case finish
    }

    /// The size of tree blocks: small, so that reading one folder decodes little.
    private static let treeBlockBytes = 1 << 20

    init(
        _ repository: Repository, catalog: Catalog, lease: Lease, budget: Budget, level: CompressionLevel
    ) throws(StoreError) {
        self.repository = repository
        self.catalog = catalog
        self.lease = lease
        self.budget = budget
        let state = Monitor(State())
        self.state = state
        let segments = BufferShelf(bufferBytes: budget.segmentBytes, kept: budget.workers + 2)
        let blocks = BufferShelf(bufferBytes: budget.blockBytes, kept: 2 * budget.workers + 4)
        let slabs = BufferShelf(
            bufferBytes: WindowGeneration.slabBytes, kept: budget.windowBytes / WindowGeneration.slabBytes)
        self.slabs = slabs
        self.segments = segments
        self.blocks = blocks
        let targetBytes = try Self.packTarget(catalog)

        let publishing = try Stage<FinishedPack>("publish", workers: 1, capacity: 1) {
            { pack in
                Self.attempt(state, orElse: { pack.upload.discard() }) { () throws(StoreError) in
                    try Self.publish(pack, lease: lease, catalog: catalog, state: state)
                }
            }
        }
        let writing = try Stage<WriteJob>("write", workers: 1, capacity: budget.workers + 1) {
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
        let sealing = try Stage<SealJob>("seal", workers: 1, capacity: budget.workers + 1) {
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
        let compressing = try Stage<BlockDraft>("compress", workers: budget.workers, capacity: budget.queuedBlocks) {
            var compressor: BlockCompressor?
            return { draft in
                Self.attempt(state) { () throws(StoreError) in
                    let own: BlockCompressor
                    if let compressor {
                        own = compressor
                    } else {
                        own = try BlockCompressor(level: level, blockBytes: budget.blockBytes, shelf: blocks)
                        compressor = own
                    }
                    sealing.submit(.block(try own.block(of: draft)))
                }
            }
        }
        ordering = try Stage("order", workers: 1, capacity: 1) {
            { generation in
                Self.order(generation, blocks: blocks, slabs: slabs, state: state, into: compressing)
            }
        }
        hashing = try Stage("hash", workers: budget.workers, capacity: 2 * budget.streams) { { $0.hash() } }
        self.publishing = publishing
        self.sealing = sealing
        self.writing = writing
        self.compressing = compressing
    }

    deinit { close() }

    /// A pack's size grows with the repository, so that their number stays in the thousands.
    private static func packTarget(_ catalog: Catalog) throws(StoreError) -> Int {
        let total = try catalog.read { (connection) throws(SQLiteError) in
            try connection.packs().reduce(UInt64(0)) { $0 + $1.bytes }
        }
        return min(512 << 20, max(64 << 20, Int(total / 4_096)))
    }

    // MARK: The public face

    /// Stores one chunk, unless it is stored already, and returns its id. It may be used at once by whoever holds this session; it is
    /// durable after `flush`.
    @discardableResult
    public func put(
        _ bytes: UnsafeRawBufferPointer, as kind: ChunkKind = .data, near key: OrderKey = .none
    ) throws(StoreError) -> ChunkID {
        guard bytes.count <= Limits.chunkBytes else {
            throw StoreError(
                .usage, "a chunk may have \(Limits.chunkBytes) bytes and not \(bytes.count)",
                remedy: "put it as a stream")
        }
        let chunk = ChunkReference(id: ChunkID(of: bytes), length: UInt32(bytes.count))
        guard try claim([chunk], kind: kind)[0] else { return chunk.id }
        switch kind {
        case .data: try accept([chunk], [bytes], near: key)
        case .tree: try acceptTree(chunk, bytes)
        }
        return chunk.id
    }

    /// Stores one chunk of an array's bytes.
    @discardableResult
    public func put(_ bytes: [UInt8], as kind: ChunkKind = .data, near key: OrderKey = .none) throws(StoreError)
        -> ChunkID
    {
        try bytes.withUnsafeBytesThrowing { raw throws(StoreError) in try put(raw, as: kind, near: key) }
    }

    /// Begins a stream, which is cut into chunks of data. `onChunk` is called for each in order, on the thread that writes the stream.
    /// At most `streamLimit` may be open at once.
    public func stream(
        near key: OrderKey = .none, onChunk: @escaping (ChunkReference) -> Void
    ) throws(StoreError) -> ChunkStream {
        try state.withLock { state throws(StoreError) in
            try Self.check(state)
            guard state.openStreams < budget.streams else {
                throw StoreError(
                    .usage, "\(budget.streams) streams are open already", remedy: "finish some, or allow more memory")
            }
            state.openStreams += 1
        }
        return ChunkStream(self, repository: repository, key: key, segments: segments, onChunk: onChunk)
    }

    /// How many streams the memory budget pays for at once.
    public var streamLimit: Int { budget.streams }

    /// What has been done so far.
    public var statistics: Statistics { state.withLock { $0.statistics } }

    /// Waits until everything that was put before is durable and in the catalog. Streams must be finished first.
    public func flush() throws(StoreError) {
        let (generation, draft) = try state.update(when: { $0.orderingWeight == 0 || $0.failure != nil }) {
            state throws(StoreError) in
            try Self.check(state)
            defer { state.treeDraft = nil }
            return (Self.takeWindow(&state), state.treeDraft)
        }
        ordering.submit(generation)
        ordering.drain()
        if let draft { compressing.submit(draft) }
        compressing.drain()
        sealing.submit(.finish)
        sealing.drain()
        writing.drain()
        publishing.drain()
        try state.withLock { state throws(StoreError) in try Self.check(state) }
    }

    /// Makes everything durable and then names what is to be kept. This is the commit: before it returns, a crash leaves
    /// nothing but packs for the next session to use. While streams are unfinished it refuses: they may hold chunks that others
    /// were told are known.
    @discardableResult
    public func commit(
        _ name: [UInt8], references: [RootReference], payload: [UInt8] = []
    ) throws(StoreError) -> Root {
        let unfinished = try state.withLock { state throws(StoreError) in
            try Self.check(state)
            return state.openStreams
        }
        guard unfinished == 0 else {
            throw StoreError(.usage, "\(unfinished) streams are unfinished", remedy: "finish them, or let them go")
        }
        try flush()
        return try Roots(repository).write(
            RootContent(name: name, written: Machine.nanoseconds, references: references, payload: payload),
            temporaryName: lease.temporaryName())
    }

    /// Stops all work soon; every call, also those that wait, throws `.cancelled`.
    public func cancel() { Self.fail(state, .cancelled) }

    /// Ends the session's threads and its lease. What was put and not flushed is dropped.
    public func close() {
        let isFirst = state.update { state in
            defer { state.isClosed = true }
            if state.failure == nil { state.failure = StoreError(.usage, "the session was closed") }
            return !state.isClosed
        }
        guard isFirst else { return }
        hashing.close()
        ordering.close()
        compressing.close()
        sealing.close()
        writing.close()
        publishing.close()
        lease.release()
    }

    // MARK: What streams use

    /// Hands a batch to the hashing threads; where they have ended, hashes it at once, for somebody will wait for it.
    func submit(_ batch: HashBatch) {
        if !hashing.submit(batch) { batch.hash() }
    }

    /// Says of each chunk whether it is new, thus ours to store. Of two callers with the same chunk one is told so.
    func claim(_ chunks: [ChunkReference], kind: ChunkKind) throws(StoreError) -> [Bool] {
        while true {
            let packs = try state.withLock { state throws(StoreError) in
                try Self.check(state)
                return state.statistics.packs
            }
            let isKnown = try catalog.read { (connection) throws(SQLiteError) in
                try connection.contains(chunks.lazy.map(\.id), kind: kind)
            }
            let answer: [Bool]? = state.withLock { state in
                // A chunk that was published in between is neither in what the catalog showed nor pending any more: look again.
                guard state.statistics.packs == packs || !isKnown.contains(false) else { return nil }
                return zip(chunks, isKnown).map { Self.claim($0, kind: kind, isKnown: $1, &state) }
            }
            if let answer { return answer }
        }
    }

    private static func claim(_ chunk: ChunkReference, kind: ChunkKind, isKnown: Bool, _ state: inout State) -> Bool {
        guard !isKnown, state.pending.insert(ChunkKey(id: chunk.id, kind: kind)).inserted else {
            state.statistics.knownBytes += UInt64(chunk.length)
            return false
        }
        if kind == .data { state.statistics.dataChunks += 1 } else { state.statistics.treeChunks += 1 }
        state.statistics.newBytes += UInt64(chunk.length)
        return true
    }

    /// Takes new chunks of a small stream into the window. The pieces are their bytes.
    func accept(
        _ chunks: [ChunkReference], _ pieces: [UnsafeRawBufferPointer], near key: OrderKey
    ) throws(StoreError) {
        let limit = budget.windowBytes
        let full: WindowGeneration? = try state.update(
            when: { $0.failure != nil || $0.window.weight < limit || $0.orderingWeight == 0 }
        ) { state throws(StoreError) in
            try Self.check(state)
            state.window.append(chunks, pieces, key: key, shelf: slabs)
            guard state.window.weight >= limit && state.orderingWeight == 0 else { return nil }
            return Self.takeWindow(&state)
        }
        if let full { ordering.submit(full) }
    }

    private static func takeWindow(_ state: inout State) -> WindowGeneration {
        defer { state.window = WindowGeneration() }
        state.orderingWeight = state.window.weight
        return state.window
    }

    /// An empty draft that holds at least a chunk of this length.
    func draft(for length: Int, kind: ChunkKind = .data) -> BlockDraft {
        Self.draft(for: length, kind: kind, from: blocks)
    }

    /// Takes a block's worth of chunks of a large stream.
    func accept(_ draft: BlockDraft) throws(StoreError) {
        try state.withLock { state throws(StoreError) in try Self.check(state) }
        compressing.submit(draft)
    }

    func streamEnded() { state.update { $0.openStreams -= 1 } }

    private func acceptTree(_ chunk: ChunkReference, _ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        let full: BlockDraft? = try state.withLock { state throws(StoreError) in
            try Self.check(state)
            var full: BlockDraft?
            var draft = state.treeDraft ?? draft(for: bytes.count, kind: .tree)
            let isEnough = draft.plain.count + bytes.count > Self.treeBlockBytes && !draft.chunks.isEmpty
            if isEnough || !draft.hasRoom(for: bytes.count) {
                full = draft
                draft = self.draft(for: bytes.count, kind: .tree)
            }
            draft.append(chunk, bytes)
            state.treeDraft = draft
            return full
        }
        if let full { compressing.submit(full) }
    }

    // MARK: What the stages do

    private static func draft(for length: Int, kind: ChunkKind, from blocks: BufferShelf) -> BlockDraft {
        BlockDraft(kind: kind, buffer: blocks.take(length))
    }

    private static func order(
        _ generation: WindowGeneration, blocks: BufferShelf, slabs: BufferShelf, state: Monitor<State>,
        into compressing: Stage<BlockDraft>
    ) {
        var draft: BlockDraft?
        for item in generation.ordered() where state.withLock({ $0.failure == nil }) {
            item.forEachChunk { chunk, bytes in
                if let full = draft, !full.hasRoom(for: bytes.count) {
                    compressing.submit(full)
                    draft = nil
                }
                var open = draft ?? Self.draft(for: bytes.count, kind: .data, from: blocks)
                draft = nil
                open.append(chunk, bytes)
                draft = open
            }
        }
        if let draft { compressing.submit(draft) }
        for slab in generation.slabs { slabs.give(back: slab) }
        state.update { $0.orderingWeight = 0 }
    }

    private static func publish(
        _ pack: FinishedPack, lease: Lease, catalog: Catalog, state: Monitor<State>
    ) throws(StoreError) {
        try lease.announce(pack.name)
        try storing { () throws(StorageError) in try pack.upload.publish(as: pack.name.path) }
        try catalog.write { (connection) throws(SQLiteError) in
            try connection.insert(pack.name, bytes: pack.byteCount, directory: pack.directory)
        }
        state.update { state in
            for block in pack.directory.blocks {
                for chunk in block.chunks { state.pending.remove(ChunkKey(id: chunk.id, kind: block.kind)) }
            }
            state.statistics.packs += 1
            state.statistics.storedBytes += pack.byteCount
        }
    }

    // MARK: Failing

    private static func check(_ state: State) throws(StoreError) {
        if let failure = state.failure { throw failure }
    }

    /// Runs a stage's work unless something failed before; the first failure stays.
    private static func attempt(
        _ state: Monitor<State>, orElse clean: () -> Void = {}, _ body: () throws(StoreError) -> Void
    ) {
        guard state.withLock({ $0.failure == nil }) else { return clean() }
        do throws(StoreError) { try body() } catch {
            fail(state, error)
            clean()
        }
    }

    private static func fail(_ state: Monitor<State>, _ error: StoreError) {
        state.update { state in
            if state.failure == nil { state.failure = error }
        }
    }
}
