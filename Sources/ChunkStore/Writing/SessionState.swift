/// What the threads of a session share. One of them at a time may touch it: it lies in a `Monitor`.
struct SessionState {
    /// The first thing that went wrong; it stays, and everything else stops.
    private(set) var failure: StoreError?
    private(set) var isClosed = false
    /// Chunks of small streams that wait to be ordered.
    private(set) var window = WindowGeneration()
    /// What the ordering stage still holds of the generation before.
    private(set) var orderingWeight = 0
    /// The tree block that is being filled.
    var treeDraft: BlockDraft?
    var openStreams = 0
    /// Whether a flush is under way.
    var isFlushing = false
    /// The packs that the session has published.
    private(set) var packs: [PackName] = []
    private(set) var statistics = WriteSession.Statistics()
    /// The number of the next put, and of those that have begun and not ended.
    private(set) var nextPut = 0
    private var puts: Set<Int> = []
    /// New chunks that are not in the catalog yet.
    private var pending: Set<ChunkKey> = []

    private struct ChunkKey: Hashable {
        let id: ChunkID
        let kind: ChunkKind
    }

    /// Throws what went wrong before.
    func check() throws(StoreError) {
        if let failure { throw failure }
    }

    mutating func fail(_ error: StoreError) {
        if failure == nil { failure = error }
    }

    /// Returns whether this is the first time.
    mutating func close() -> Bool {
        defer { isClosed = true }
        fail(StoreError(.usage, "the session was closed"))
        return !isClosed
    }

    // MARK: Puts

    mutating func beginPut() -> Int {
        defer { nextPut += 1 }
        puts.insert(nextPut)
        return nextPut
    }

    mutating func endPut(_ number: Int) { puts.remove(number) }

    /// Whether the window is free to be taken and every put before this one has handed over what it claimed. So must every flush:
    /// what it has taken is on its way only when it ends.
    func mayFlush(putsBefore number: Int) -> Bool {
        failure != nil || (!isFlushing && orderingWeight == 0 && !puts.contains { $0 < number })
    }

    // MARK: Claiming

    /// Of a chunk that the catalog does not know: whether the caller is to store it. Of several callers one is.
    mutating func claim(_ chunk: ChunkReference, kind: ChunkKind, isKnown: Bool) -> Bool {
        guard !isKnown, pending.insert(ChunkKey(id: chunk.id, kind: kind)).inserted else {
            statistics.knownBytes += UInt64(chunk.length)
            return false
        }
        if kind == .data { statistics.dataChunks += 1 } else { statistics.treeChunks += 1 }
        statistics.newBytes += UInt64(chunk.length)
        return true
    }

    /// Of a session that writes nothing: chunks never leave the pending ones, so beyond a bound they are forgotten, and one that comes again
    /// is counted again.
    mutating func limitPending() {
        if pending.count > 1 << 20 { pending.removeAll(keepingCapacity: true) }
    }

    /// A pack's chunks are in the catalog now.
    mutating func published(_ pack: FinishedPack) {
        for block in pack.directory.blocks {
            for chunk in block.chunks { pending.remove(ChunkKey(id: chunk.id, kind: block.kind)) }
        }
        packs.append(pack.name)
        statistics.packs += 1
        statistics.storedBytes += pack.byteCount
    }

    // MARK: The window

    /// Whether another small stream may bring its chunks, given what the window may hold.
    func hasRoom(windowBytes: Int) -> Bool { failure != nil || window.weight < windowBytes || orderingWeight == 0 }

    /// Takes chunks in; returns the generation that is full with them, unless the one before is still being ordered.
    mutating func accept(
        _ chunks: [NewChunk], kind: ChunkKind, near key: OrderKey, slabs: BufferShelf, windowBytes: Int
    ) -> WindowGeneration? {
        window.append(chunks, kind: kind, key: key, shelf: slabs)
        return window.weight >= windowBytes && orderingWeight == 0 ? takeWindow() : nil
    }

    /// The generation that was being filled; the next one begins.
    mutating func takeWindow() -> WindowGeneration {
        defer { window = WindowGeneration() }
        orderingWeight = window.weight
        return window
    }

    /// The generation that was being ordered is on its way.
    mutating func ordered() { orderingWeight = 0 }
}
