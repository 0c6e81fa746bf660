import Bytes
import Posix

/// Keeps a few used buffers of one size for the next taker: fresh memory costs the kernel a page fault every 4 KiB.
final class BufferShelf: Sendable {
    let bufferBytes: Int
    private let kept: Int
    private let shelf = Monitor<[Buffer]>([])

    /// Buffers of this size, of which at most `kept` wait unused.
    init(bufferBytes: Int, kept: Int) {
        self.bufferBytes = bufferBytes
        self.kept = kept
    }

    /// An empty buffer that holds at least so much: one of the shelf's, or for more than those hold one made for it.
    func take(_ byteCount: Int = 0) -> Buffer {
        guard byteCount <= bufferBytes else { return Buffer(capacity: byteCount) }
        let buffer = shelf.withLock { $0.popLast() } ?? Buffer(capacity: bufferBytes)
        buffer.count = 0
        return buffer
    }

    /// Brings a buffer back that nobody uses any more. Those of another size are let go.
    func give(back buffer: Buffer) {
        shelf.withLock { shelf in
            if shelf.count < kept && buffer.capacity == bufferBytes { shelf.append(buffer) }
        }
    }
}
