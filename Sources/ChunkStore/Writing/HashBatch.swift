// unsafe: compares bytes in memory that is lent.
import Bytes
import Crypto
import Glibc
import Posix

/// A stretch of a stream that was cut into chunks and waits for their names.
final class HashBatch: Sendable {
    let buffer: Buffer
    let lengths: [Int]
    private let whole: SHA256Course?
    private let chunks = Monitor<[ChunkReference]?>(nil)

    /// Chunks of these lengths lie end to end at the front of the buffer. They go on a `whole` stream's digest, which nobody else may touch until
    /// they have their names.
    init(_ buffer: Buffer, lengths: [Int], of whole: SHA256Course?) {
        self.buffer = buffer
        self.lengths = lengths
        self.whole = whole
    }

    /// Names all the chunks. Called once, by any thread.
    func hash() {
        var offset = 0
        var different: [UnsafeRawBufferPointer] = []
        // For each chunk, which of the different ones it is.
        var numbers: [Int] = []
        numbers.reserveCapacity(lengths.count)
        // In a stretch of zeros, the hole of a sparse file for example, one chunk is like the one before.
        var lengthOfZeros = 0
        for length in lengths {
            let bytes = buffer.bytes(offset..<offset + length)
            offset += length
            let isAllZeros = bytes.isAllZeros
            if !isAllZeros || lengthOfZeros != length { different.append(bytes) }
            lengthOfZeros = isAllZeros ? length : 0
            numbers.append(different.count - 1)
        }
        let digests =
            whole?.append(buffer.bytes(0..<offset), digesting: different) ?? SHA256.digests(different)
        let named = zip(numbers, lengths).map { ChunkReference(id: ChunkID(digests[$0]), length: UInt32($1)) }
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
