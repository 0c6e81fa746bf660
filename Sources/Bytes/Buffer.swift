// unsafe: the one owner of raw memory in this room.

internal import Glibc

/// A stretch of memory with a fixed capacity and a filled front, for bytes in large amounts: it does not grow, and can be handed
/// from thread to thread. At any time only one of them may touch it.
///
/// Large ones come straight from the kernel and go straight back to it, so that a peak leaves nothing behind.
public final class Buffer: @unchecked Sendable {
    // Unchecked, for ownership passes along with the reference, as promised above.
    private let start: UnsafeMutableRawPointer
    /// The bytes of a mapping of our own; 0 where the heap gave the memory.
    private let mappedBytes: Int
    /// How many bytes fit.
    public let capacity: Int
    /// How many bytes, from the start, are filled.
    public var count = 0 {
        didSet { precondition(count >= 0 && count <= capacity, "a buffer's count exceeds its capacity") }
    }

    private static let mappedBytesMin = 1 << 20
    private static let hugePageBytes = 2 << 20

    /// Allocates memory, not filled.
    public init(capacity: Int) {
        self.capacity = capacity
        if capacity >= Self.mappedBytesMin, let mapped = Self.map(capacity) {
            start = mapped
            mappedBytes = capacity
        } else {
            start = .allocate(byteCount: max(capacity, 1), alignment: 64)
            mappedBytes = 0
        }
    }

    private static func map(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { return nil }
        // Two page faults instead of a thousand for a block; where the kernel has no large pages, nothing is lost.
        if byteCount.isMultiple(of: hugePageBytes) { madvise(memory, byteCount, MADV_HUGEPAGE) }
        return memory
    }

    /// Allocates memory that holds a copy.
    public convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(capacity: bytes.count)
        append(bytes)
    }

    deinit {
        if mappedBytes > 0 { munmap(start, mappedBytes) } else { start.deallocate() }
    }

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
}
