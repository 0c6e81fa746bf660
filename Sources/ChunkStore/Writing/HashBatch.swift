import Bytes
import Posix

/// A stretch of a stream that was cut into chunks and waits for their names.
final class HashBatch: Sendable {
    let buffer: Buffer
    let lengths: [Int]
    private let chunks = Monitor<[ChunkReference]?>(nil)

    /// Chunks of these lengths lie end to end at the front of the buffer.
    init(_ buffer: Buffer, lengths: [Int]) {
        self.buffer = buffer
        self.lengths = lengths
    }

    /// Names all the chunks. Called once, by any thread.
    func hash() {
        var offset = 0
        var named: [ChunkReference] = []
        named.reserveCapacity(lengths.count)
        for length in lengths {
            named.append(
                ChunkReference(id: ChunkID(of: buffer.bytes(offset..<offset + length)), length: UInt32(length)))
            offset += length
        }
        chunks.update { $0 = named }
    }

    /// Waits for the names.
    func wait() -> [ChunkReference] { chunks.update(when: { $0 != nil }) { $0! } }
}
