// unsafe: the one owner of raw memory in this room.

/// A stretch of memory with a fixed capacity and a filled front, for bytes in large amounts: it is not zeroed, does not
/// grow, and can be handed from thread to thread. At any time only one of them may touch it.
public final class Buffer: @unchecked Sendable {
    // Unchecked, for ownership passes along with the reference, as promised above.
    private let start: UnsafeMutableRawPointer
    /// How many bytes fit.
    public let capacity: Int
    /// How many bytes, from the start, are filled.
    public var count = 0 {
        didSet { precondition(count >= 0 && count <= capacity, "a buffer's count exceeds its capacity") }
    }

    /// Allocates memory, not filled.
    public init(capacity: Int) {
        self.capacity = capacity
        start = .allocate(byteCount: max(capacity, 1), alignment: 64)
    }

    /// Allocates memory that holds a copy.
    public convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(capacity: bytes.count)
        append(bytes)
    }

    deinit { start.deallocate() }

    /// The filled bytes.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// All of the memory, filled or not.
    public var memory: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: start, count: capacity) }

    /// The memory behind the filled bytes.
    public var free: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: start + count, count: capacity - count)
    }

    /// A part of the filled bytes.
    public func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range outside of a buffer's filled bytes")
        return UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count)
    }

    /// Appends a copy; the bytes must fit.
    public func append(_ more: UnsafeRawBufferPointer) {
        precondition(more.count <= capacity - count, "a buffer is full")
        if let source = more.baseAddress { (start + count).copyMemory(from: source, byteCount: more.count) }
        count += more.count
    }

    /// Moves the last filled bytes, from an offset on, to the front; the rest is forgotten.
    public func keep(from offset: Int) {
        precondition(offset >= 0 && offset <= count, "an offset outside of a buffer's filled bytes")
        if offset > 0 && offset < count { start.copyMemory(from: start + offset, byteCount: count - offset) }
        count -= offset
    }
}
