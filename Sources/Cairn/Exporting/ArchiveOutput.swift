// unsafe: lends its memory to whoever takes the bytes.

import Posix

/// Collects what an archive consists of and hands it on in large pieces.
struct ArchiveOutput {
    private let sink: (UnsafeRawBufferPointer) throws(CairnError) -> Void
    private var pending: [UInt8] = []
    /// How many bytes the archive has so far.
    private(set) var offset: UInt64 = 0

    private static let pendingBytes = 256 << 10

    init(at offset: UInt64 = 0, _ sink: @escaping (UnsafeRawBufferPointer) throws(CairnError) -> Void) {
        self.sink = sink
        self.offset = offset
        pending.reserveCapacity(Self.pendingBytes)
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(CairnError) {
        offset += UInt64(bytes.count)
        if pending.count + bytes.count > Self.pendingBytes { try flush() }
        if bytes.count > Self.pendingBytes { return try sink(bytes) }
        pending.append(contentsOf: bytes)
    }

    mutating func write(_ bytes: [UInt8]) throws(CairnError) {
        try bytes.withUnsafeBytesThrowing { raw throws(CairnError) in try write(raw) }
    }

    /// Fills up to a multiple with zeros.
    mutating func pad(to multiple: Int) throws(CairnError) {
        let over = Int(offset % UInt64(multiple))
        if over > 0 { try write([UInt8](repeating: 0, count: multiple - over)) }
    }

    /// Hands on what is waiting.
    mutating func flush() throws(CairnError) {
        guard !pending.isEmpty else { return }
        defer { pending.removeAll(keepingCapacity: true) }
        try pending.withUnsafeBytesThrowing { raw throws(CairnError) in try sink(raw) }
    }
}
