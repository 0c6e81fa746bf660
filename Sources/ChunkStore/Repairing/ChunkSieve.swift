internal import Bytes
internal import Chunking

/// Cuts streams as a session would, and stores only those chunks that somebody asks for. One thread at a time.
public final class ChunkSieve {
    private let session: WriteSession
    private var segment: Buffer
    private var spare: Buffer

    /// Stores through a session.
    public init(_ session: WriteSession) {
        self.session = session
        let bytes = max(2 * session.repository.profile.longestChunkBytes, 4 << 20)
        segment = Buffer(capacity: bytes)
        spare = Buffer(capacity: bytes)
    }

    /// Reads a stream to its end with `read`, which fills a buffer and returns how much, 0 at the end. `isWanted` is asked about every chunk.
    /// Returns how many were stored.
    public func sift<Failure: Error>(
        read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int,
        isWanted: (ChunkReference) throws(Failure) -> Bool, failure: (StoreError) -> Failure
    ) throws(Failure) -> Int {
        var chunker = Chunker(table: session.repository.table, profile: session.repository.profile)
        segment.count = 0
        var stored = 0
        var isLast = false
        while !isLast {
            while !segment.free.isEmpty && !isLast {
                let count = try read(segment.free)
                segment.count += count
                isLast = count == 0
            }
            var start = 0
            while let length = chunker.nextChunk(in: segment.bytes(start..<segment.count).bytes, isLast: isLast) {
                let bytes = segment.bytes(start..<start + length)
                start += length
                guard try isWanted(ChunkReference(id: ChunkID(of: bytes), length: UInt32(length))) else { continue }
                do throws(StoreError) { try session.put(bytes, isMissing: true) } catch { throw failure(error) }
                stored += 1
            }
            spare.count = 0
            spare.append(segment.bytes(start..<segment.count))
            swap(&segment, &spare)
        }
        return stored
    }
}
