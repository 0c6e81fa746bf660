import Bytes
import Compression
import Crypto

/// How hard to compress.
public enum CompressionLevel: Sendable, Hashable {
    /// Not at all.
    case off
    /// What suits the data and the machine.
    case automatic
    /// From 1, quick, to 19, small.
    case level(Int)

    var zstdLevel: Int32? {
        switch self {
        case .off: nil
        case .automatic: 3
        case .level(let level): Int32(min(max(level, 1), 19))
        }
    }
}

/// Turns drafts into blocks and proves each by decoding it again. One for each worker, with its own scratch memory.
final class BlockCompressor {
    private let compressor: Compressor
    private let decompressor: Decompressor
    private let effort: CompressionEffort
    private let deltaShareMax: Double
    private let decoded: Buffer
    private let shelf: BufferShelf

    /// A delta block is stored as such where it takes no more than `deltaShareMax` of what it would take whole.
    init(
        _ effort: CompressionEffort, deltaShareMax: Double, blockBytes: Int, shelf: BufferShelf
    ) throws(StoreError) {
        self.effort = effort
        self.deltaShareMax = deltaShareMax
        self.shelf = shelf
        decoded = Buffer(capacity: blockBytes)
        do throws(CompressionError) {
            compressor = try Compressor()
            decompressor = try Decompressor()
        } catch { throw StoreError(error) }
    }

    /// The block of a draft. The draft's buffer becomes the block's where compressing does not pay, and goes back to the shelf otherwise.
    func block(of draft: BlockDraft) throws(StoreError) -> PackedBlock {
        if !draft.bases.isEmpty, let block = try deltaBlock(of: draft) { return block }
        let plainBytes = draft.plain.count
        guard let content = try compress(draft) else {
            return PackedBlock(
                kind: draft.kind, codec: .stored, plainBytes: plainBytes, chunks: draft.chunks,
                content: try storedContent(of: draft))
        }
        try prove(content, decodesTo: draft.plain)
        shelf.give(back: draft.buffer)
        return PackedBlock(
            kind: draft.kind, codec: .zstd, plainBytes: plainBytes, chunks: draft.chunks, content: content)
    }

    private func storedContent(of draft: BlockDraft) throws(StoreError) -> Buffer {
        if draft.prefixBytes == 0 { return draft.buffer }
        let content = shelf.take(draft.plain.count)
        content.append(draft.plain)
        shelf.give(back: draft.buffer)
        return content
    }

    // MARK: Whole

    private func compress(_ draft: BlockDraft) throws(StoreError) -> Buffer? {
        guard !effort.isOff else { return nil }
        let plain = draft.plain
        // A block that hardly shrinks is not worth the time of everyone who reads it.
        let worthwhile = plain.count - plain.count / 64 - 32
        guard worthwhile > 0, try looksCompressible(plain) else { return nil }
        return try filled(shelf.take(worthwhile), atMost: worthwhile) { room throws(StoreError) in
            try compressWhole(draft, into: room)
        }
    }

    private func compressWhole(
        _ draft: BlockDraft, into room: UnsafeMutableRawBufferPointer
    ) throws(StoreError) -> Int? {
        let plain = draft.plain
        guard let method = effort.method(for: draft) else { return nil }
        let windowLog = Int32(max(10, Int.bitWidth - (plain.count - 1).leadingZeroBitCount))
        do throws(CompressionError) {
            return try compressor.compress(
                plain, method, windowLog: windowLog, into: room)
        } catch { throw StoreError(error) }
    }

    /// Gives a buffer what `body` writes into so much of it; back to the shelf, and nil, where that did not fit.
    private func filled(
        _ content: Buffer, atMost limit: Int, _ body: (UnsafeMutableRawBufferPointer) throws(StoreError) -> Int?
    ) throws(StoreError) -> Buffer? {
        guard let length = try body(UnsafeMutableRawBufferPointer(rebasing: content.memory[..<limit])) else {
            shelf.give(back: content)
            return nil
        }
        content.count = length
        return content
    }

    /// Tries samples from all over a large block: what holds nothing to compress is stored at nearly the speed of hashing.
    private func looksCompressible(_ plain: UnsafeRawBufferPointer) throws(StoreError) -> Bool {
        guard plain.count >= 4 * Self.sampleCount * Self.sampleBytes else { return true }
        var tried = 0
        var left = 0
        let scratch = UnsafeMutableRawBufferPointer(rebasing: decoded.memory[..<Self.sampleBytes])
        for number in 0..<Self.sampleCount {
            let start = number * (plain.count - Self.sampleBytes) / (Self.sampleCount - 1)
            let sample = UnsafeRawBufferPointer(rebasing: plain[start..<start + Self.sampleBytes])
            tried += sample.count
            do throws(CompressionError) {
                left += try compressor.compress(sample, .init(level: 1), windowLog: nil, into: scratch) ?? sample.count
            } catch { throw StoreError(error) }
        }
        return left < tried - tried / 64
    }

    private static let sampleCount = 16
    private static let sampleBytes = 4_096

    // MARK: As a difference

    /// The draft as a delta block; nil where that saves too little of what the same bytes take whole, the ids of its bases counted in. So what
    /// has drifted far from its bases is stored whole, and is a base from then on.
    private func deltaBlock(of draft: BlockDraft) throws(StoreError) -> PackedBlock? {
        guard let method = effort.deltaMethod else { return nil }
        let plain = draft.plain
        let scratch = UnsafeMutableRawBufferPointer(rebasing: decoded.memory[..<min(plain.count, decoded.capacity)])
        let whole = try compressWhole(draft, into: scratch) ?? plain.count
        let limit = Int(deltaShareMax * Double(whole)) - SHA256Digest.byteCount * draft.bases.count
        guard limit > 0 else { return nil }
        let content = try filled(shelf.take(limit), atMost: limit) { room throws(StoreError) in
            do throws(CompressionError) {
                return try compressor.compress(
                    plain, prefix: draft.prefix, method, windowLog: nil, into: room)
            } catch { throw StoreError(error) }
        }
        guard let content else { return nil }
        try prove(content, prefix: draft.prefix, decodesTo: plain)
        shelf.give(back: draft.buffer)
        return PackedBlock(
            kind: draft.kind, codec: .zstdWithPrefix, plainBytes: plain.count, chunks: draft.chunks,
            bases: draft.bases, content: content)
    }

    // MARK: Proof

    private func prove(
        _ content: Buffer, prefix: UnsafeRawBufferPointer? = nil, decodesTo plain: UnsafeRawBufferPointer
    ) throws(StoreError) {
        let target = decoded.capacity >= plain.count ? decoded : Buffer(capacity: plain.count)
        let output = UnsafeMutableRawBufferPointer(rebasing: target.memory[..<plain.count])
        do throws(CompressionError) { try decompressor.decompress(content.bytes, prefix: prefix, into: output) } catch {
            throw .unprovable("a block that was just compressed does not decode: \(error)")
        }
        guard UnsafeRawBufferPointer(output).isEqual(to: plain) else {
            throw .unprovable("a block that was just compressed decodes to other bytes")
        }
    }
}

extension StoreError {
    init(_ error: CompressionError) {
        self.init(.system, "zstd: \(error)")
    }
}
