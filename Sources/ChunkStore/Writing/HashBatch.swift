// unsafe: compares bytes in memory that is lent.
import Bytes
import Glibc
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
        // In a stretch of zeros, the hole of a sparse file for example, one chunk is like the one before.
        var zeros: ChunkReference?
        for length in lengths {
            let bytes = buffer.bytes(offset..<offset + length)
            offset += length
            if let zeros, zeros.length == length, bytes.isAllZeros {
                named.append(zeros)
                continue
            }
            let chunk = ChunkReference(id: ChunkID(of: bytes), length: UInt32(length))
            named.append(chunk)
            zeros = bytes.isAllZeros ? chunk : nil
        }
        chunks.update { $0 = named }
    }

    /// Waits for the names.
    func wait() -> [ChunkReference] { chunks.update(when: { $0 != nil }) { $0! } }
}

extension UnsafeRawBufferPointer {
    /// Whether there is nothing but zeros; quick where there is something else.
    fileprivate var isAllZeros: Bool {
        guard let start = baseAddress, count > 0, self[0] == 0, self[count / 2] == 0, self[count - 1] == 0 else {
            return false
        }
        return memcmp(start, start + 1, count - 1) == 0
    }
}
