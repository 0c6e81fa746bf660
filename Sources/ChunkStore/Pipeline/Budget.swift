/// How the memory that a store may take is split. The parts are fixed at the start; nobody borrows from another.
struct Budget: Sendable {
    static let standardBytes = 256 << 20
    static let leastBytes = 64 << 20

    let totalBytes: Int
    let workers: Int
    /// The plain bytes that go into one block.
    let blockBytes: Int
    /// What one generation of the window holds. There are two: one fills while the other is emptied.
    let windowBytes: Int
    /// Blocks that may wait before the compressing workers.
    let queuedBlocks: Int
    /// Streams that may be open at once.
    let streams: Int
    /// What a stream reads at once.
    let segmentBytes: Int
    let blockCacheBytes: Int
    let catalogWriterBytes: Int
    let catalogReaderBytes: Int
    /// What a delta block may take of what the same bytes take whole; above it a whole one is stored, and serves as a base from then on.
    let deltaShareMax: Double

    init(
        totalBytes: Int, jobs: Int, longestChunkBytes: Int, tuning: StoreTuning = StoreTuning()
    ) throws(StoreError) {
        guard totalBytes >= Self.leastBytes else {
            throw StoreError(
                .usage, "\(totalBytes >> 20) MiB of memory are too few",
                remedy: "allow at least \(Self.leastBytes >> 20) MiB")
        }
        self.totalBytes = totalBytes
        deltaShareMax = tuning.deltaShareMax ?? 0.75
        windowBytes = tuning.windowBytes ?? totalBytes * 3 / 16
        blockCacheBytes = totalBytes / 8
        let catalogBytes = max(totalBytes / 16, 4 << 20)
        catalogWriterBytes = catalogBytes / 2
        blockBytes = tuning.blockBytes ?? Self.blockBytes(totalBytes)
        segmentBytes = max(longestChunkBytes * 2, blockBytes / 2)
        // A worker holds its block, what it became, what that decodes to, and zstd's own tables; one more block waits for it.
        let rest = totalBytes - 2 * windowBytes - blockCacheBytes - catalogBytes - (16 << 20)
        let perWorker = 5 * blockBytes + (4 << 20)
        workers = max(1, min(jobs, rest / 2 / perWorker))
        queuedBlocks = workers + 1
        // A stream holds two segments and the block that it fills.
        streams = max(2, rest / 2 / (2 * segmentBytes + blockBytes))
        catalogReaderBytes = max(1 << 20, catalogBytes / 2 / (workers + 2))
    }

    private static func blockBytes(_ totalBytes: Int) -> Int {
        totalBytes >= 192 << 20 ? 4 << 20 : totalBytes >= 96 << 20 ? 2 << 20 : 1 << 20
    }
}
