internal import Bytes
internal import Posix
internal import SQLite
internal import Storage

/// Puts chunks into a store. What is new is compressed, sealed and published by threads of the session; `flush` waits until all of
/// it is durable. Any thread may call, several at once.
///
/// Whoever puts faster than the rest can follow waits. After an error every further call throws that error; what was
/// published stays and serves the next session.
public final class WriteSession: Sendable {
    let repository: Repository
    /// Gets what is stored, under the session's lease.
    public let reader: ChunkReader
    private let catalog: Catalog
    /// Without a lease nothing is written: the session only finds out what would be new.
    private let lease: Lease?
    private let budget: Budget
    private let state: Monitor<SessionState>
    private let segments: BufferShelf
    private let blocks: BufferShelf
    private let slabs: BufferShelf
    private let hashing: Stage<HashBatch>
    private let pipeline: WritePipeline?

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

    /// The packs that counted as stored when the session began, where other machines may take some away unseen.
    private let foundPacks: Set<Int64>?

    init(
        _ repository: Repository, catalog: Catalog, lease: Lease?, budget: Budget, level: CompressionLevel
    ) throws(StoreError) {
        self.repository = repository
        self.catalog = catalog
        self.lease = lease
        self.budget = budget
        foundPacks = repository.storage.isLocal || lease == nil ? nil : try Self.storedPacks(catalog)
        reader = try ChunkReader(repository, catalog: catalog, lease: nil, budget: budget)
        state = Monitor(SessionState())
        segments = BufferShelf(bufferBytes: budget.segmentBytes, kept: budget.workers + 2)
        blocks = BufferShelf(bufferBytes: budget.blockBytes, kept: 2 * budget.workers + 4)
        slabs = BufferShelf(
            bufferBytes: WindowGeneration.slabBytes, kept: 2 * budget.windowBytes / WindowGeneration.slabBytes)
        hashing = try Stage(named: "hash", workers: budget.workers, capacity: 2 * budget.streams) { { $0.hash() } }
        if let lease {
            pipeline = try WritePipeline(
                repository, catalog: catalog, lease: lease, budget: budget, level: level, state: state, blocks: blocks,
                slabs: slabs, reader: reader)
        } else {
            pipeline = nil
        }
    }

    deinit { close() }

    // MARK: The public face

    /// Stores one chunk, unless it is stored already, and returns its id. It is durable after `flush`. `parents` are chunks that it may have come
    /// from: what is like one of them is stored as the difference. With `isMissing` it is stored whatever the catalog says: somebody knows that no
    /// copy can be read.
    @discardableResult
    public func put(
        _ bytes: UnsafeRawBufferPointer, as kind: ChunkKind = .data, near key: OrderKey = .none,
        after parents: [ChunkID] = [], isMissing: Bool = false
    ) throws(StoreError) -> ChunkID {
        guard bytes.count <= Limits.chunkBytes else {
            throw StoreError(
                .usage, "a chunk may have \(Limits.chunkBytes) bytes and not \(bytes.count)",
                remedy: "put it as a stream")
        }
        let chunk = ChunkReference(id: ChunkID(of: bytes), length: UInt32(bytes.count))
        let ticket = state.withLock { $0.beginPut() }
        defer { state.update { $0.endPut(ticket) } }
        let isNew =
            if isMissing {
                try state.withLock { state throws(StoreError) in
                    try state.check()
                    return state.claim(chunk, kind: kind, isKnown: false)
                }
            } else {
                try claim([chunk], kind: kind)[0]
            }
        guard isNew else { return chunk.id }
        if kind == .tree && parents.isEmpty {
            try acceptTree(chunk, bytes)
        } else {
            try accept([NewChunk(chunk: chunk, bytes: bytes, parents: parents)], kind: kind, near: key)
        }
        return chunk.id
    }

    /// Stores one chunk of an array's bytes.
    @discardableResult
    public func put(
        _ bytes: [UInt8], as kind: ChunkKind = .data, near key: OrderKey = .none, after parents: [ChunkID] = [],
        isMissing: Bool = false
    ) throws(StoreError) -> ChunkID {
        try bytes.withUnsafeBytesThrowing { raw throws(StoreError) in
            try put(raw, as: kind, near: key, after: parents, isMissing: isMissing)
        }
    }

    /// Begins a stream, which is cut into chunks of data. `onChunk` is called for each in order, on the thread that writes the stream.
    /// Where it is known what the stream was earlier, what has changed since is stored as the difference. Where it `isDigested` its end gives the SHA-256 of the
    /// whole, which takes less time here than elsewhere. At most `streamLimit` may be open at once.
    public func stream(
        near key: OrderKey = .none, after ancestry: Ancestry? = nil, isDigested: Bool = false,
        onChunk: @escaping (ChunkReference) -> Void
    ) throws(StoreError) -> ChunkStream {
        try state.withLock { state throws(StoreError) in
            try state.check()
            guard state.openStreams < budget.streams else {
                throw StoreError(
                    .usage, "\(budget.streams) streams are open already", remedy: "finish some, or allow more memory")
            }
            state.openStreams += 1
        }
        return ChunkStream(
            self, repository: repository, key: key, segments: segments, ancestry: ancestry, isDigested: isDigested,
            onChunk: onChunk)
    }

    /// How many streams the memory budget pays for at once.
    public var streamLimit: Int { budget.streams }

    /// What has been done so far.
    public var statistics: Statistics { state.withLock { $0.statistics } }

    /// The packs that were published so far.
    var packs: [PackName] { state.withLock { $0.packs } }

    /// Waits until everything that was put before is durable and in the catalog. Streams must be finished first.
    public func flush() throws(StoreError) {
        guard let pipeline else { return }
        // What a put under way has claimed counts as known for everybody, and is on its way only when that put ends.
        let ticket = state.withLock { $0.nextPut }
        let (generation, draft) = try state.update(when: { $0.mayFlush(putsBefore: ticket) }) {
            state throws(StoreError) in
            try state.check()
            defer { state.treeDraft = nil }
            state.isFlushing = true
            return (state.takeWindow(), state.treeDraft)
        }
        pipeline.submit(generation)
        pipeline.flush(last: draft)
        try state.update { state throws(StoreError) in
            state.isFlushing = false
            try state.check()
        }
    }

    /// For whoever waits for the end: what is put from now on, and what was put and is not stored yet, is compressed quickly, whatever level was asked for.
    /// Any thread may call.
    public func hurry() { pipeline?.hurry() }

    /// Makes everything durable and then names what is to be kept. This is the commit: before it returns, a crash leaves
    /// nothing but packs for the next session to use. While streams are unfinished it refuses: they may hold chunks that others
    /// were told are known.
    @discardableResult
    public func commit(
        _ name: [UInt8], references: [RootReference], payload: [UInt8] = []
    ) throws(StoreError) -> Root {
        guard let lease else { throw StoreError(.usage, "a rehearsal commits nothing") }
        let unfinished = try state.withLock { state throws(StoreError) in
            try state.check()
            return state.openStreams
        }
        guard unfinished == 0 else {
            let streams = unfinished == 1 ? "1 stream is" : "\(unfinished) streams are"
            throw StoreError(.usage, "\(streams) unfinished", remedy: "finish what was opened, or let it go")
        }
        try flush()
        try requireFoundPacks()
        return try Roots(repository).write(
            RootContent(name: name, written: Machine.nanoseconds, references: references, payload: payload),
            temporaryName: lease.temporaryName())
    }

    private static func storedPacks(_ catalog: Catalog) throws(StoreError) -> Set<Int64> {
        let packs = try catalog.packs()
        return Set(packs.lazy.filter { !$0.isCondemned }.map(\.number))
    }

    /// A lease on storage that machines share counts for a day without a sign of life. So before others are told of what a long session has
    /// made, it looks whether what it found stored is still there, condemned or not.
    private func requireFoundPacks() throws(StoreError) {
        guard let foundPacks else { return }
        try catalog.synchronize(.all)
        let packs = try catalog.packs()
        guard foundPacks.isSubset(of: packs.lazy.map(\.number)) else {
            throw StoreError(
                .missing, "packs that this session relied on were taken away meanwhile, so nothing was committed",
                path: repository.storage.location, remedy: "run the same again: what it stored is used")
        }
    }

    /// Stops all work soon; every call, also those that wait, throws `.cancelled`.
    public func cancel() { state.update { $0.fail(.cancelled) } }

    /// Ends the session's threads and its lease. What was put and not flushed is dropped.
    public func close() {
        guard state.update({ $0.close() }) else { return }
        hashing.close()
        pipeline?.close()
        reader.close()
        lease?.release()
    }

    // MARK: What streams use

    /// Hands a batch to the hashing threads; where they have ended, hashes it at once, for somebody will wait for it.
    func submit(_ batch: HashBatch) {
        if !hashing.submit(batch) { batch.hash() }
    }

    /// Says of each chunk whether it is new, thus the caller's to store.
    func claim(_ chunks: [ChunkReference], kind: ChunkKind) throws(StoreError) -> [Bool] {
        while true {
            let packs = try state.withLock { state throws(StoreError) in
                try state.check()
                return state.statistics.packs
            }
            let isKnown: [Bool]
            do throws(StoreError) {
                isKnown = try catalog.read { (connection) throws(SQLiteError) in
                    try connection.contains(chunks.lazy.map(\.id), kind: kind)
                }
            } catch {
                // The chunks are lost to their stream, which must not end as if it were whole.
                state.update { $0.fail(error) }
                throw error
            }
            let answer: [Bool]? = state.withLock { state in
                // A chunk that was published in between is neither in what the catalog showed nor pending any more: look again.
                guard state.statistics.packs == packs || !isKnown.contains(false) else { return nil }
                return zip(chunks, isKnown).map { state.claim($0, kind: kind, isKnown: $1) }
            }
            if let answer { return answer }
        }
    }

    /// Takes new chunks of a small stream, or such with parents, into the window.
    func accept(_ chunks: [NewChunk], kind: ChunkKind = .data, near key: OrderKey) throws(StoreError) {
        guard let pipeline else { return state.withLock { $0.limitPending() } }
        let windowBytes = budget.windowBytes
        let full: WindowGeneration? = try state.update(when: { $0.hasRoom(windowBytes: windowBytes) }) {
            state throws(StoreError) in
            try state.check()
            return state.accept(chunks, kind: kind, near: key, slabs: slabs, windowBytes: windowBytes)
        }
        if let full { pipeline.submit(full) }
    }

    /// An empty draft that holds at least a chunk of this length.
    func draft(for length: Int, kind: ChunkKind = .data) -> BlockDraft {
        BlockDraft(kind: kind, buffer: blocks.take(length))
    }

    /// Takes a block's worth of chunks of a large stream.
    func accept(_ draft: BlockDraft) throws(StoreError) {
        try state.withLock { state throws(StoreError) in try state.check() }
        guard let pipeline else {
            state.withLock { $0.limitPending() }
            return blocks.give(back: draft.buffer)
        }
        pipeline.submit(draft)
    }

    /// Takes a block that is compressed already, whether its chunks are stored or not.
    func keep(_ block: PackedBlock) throws(StoreError) {
        try state.withLock { state throws(StoreError) in try state.check() }
        pipeline?.submit(block)
    }

    func streamEnded() { state.update { $0.openStreams -= 1 } }

    private func acceptTree(_ chunk: ChunkReference, _ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        guard let pipeline else { return state.withLock { $0.limitPending() } }
        let full: BlockDraft? = try state.withLock { state throws(StoreError) in
            try state.check()
            var full: BlockDraft?
            var draft = state.treeDraft ?? draft(for: bytes.count, kind: .tree)
            state.treeDraft = nil
            if !draft.hasRoom(for: bytes.count) {
                full = draft
                draft = self.draft(for: bytes.count, kind: .tree)
            }
            draft.append(chunk, bytes)
            state.treeDraft = draft
            return full
        }
        if let full { pipeline.submit(full) }
    }
}
