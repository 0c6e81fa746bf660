import Bytes
import Compression

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

    /// Where the choice is ours, large blocks get tables that fit the inner caches (`Documentation/Measurements.md`): smaller ones where a
    /// large file's stream passes, whose matches are mostly near or long; not for trees, where the same ids come again far apart.
    func tables(for draft: BlockDraft) -> Compressor.Tables? {
        guard self == .automatic, draft.plain.count > 1 << 20 else { return nil }
        return draft.isOrdered || draft.kind == .tree
            ? Compressor.Tables(chainLog: 15, hashLog: 18) : Compressor.Tables(chainLog: 14, hashLog: 16)
    }
}

/// Turns drafts into blocks and proves each by decoding it again. One for each worker, with its own scratch memory.
final class BlockCompressor {
    private let compressor: Compressor
    private let decompressor: Decompressor
    private let level: CompressionLevel
    private let decoded: Buffer
    private let shelf: BufferShelf

    init(level: CompressionLevel, blockBytes: Int, shelf: BufferShelf) throws(StoreError) {
        self.level = level
        self.shelf = shelf
        decoded = Buffer(capacity: blockBytes)
        do throws(CompressionError) {
            compressor = try Compressor()
            decompressor = try Decompressor()
        } catch { throw StoreError(error) }
    }

    /// The block of a draft. The draft's buffer becomes the block's where compressing does not pay, and goes back to the shelf otherwise.
    func block(of draft: BlockDraft) throws(StoreError) -> PackedBlock {
        let plain = draft.plain
        guard let content = try compress(draft) else {
            return PackedBlock(
                kind: draft.kind, codec: .stored, plainBytes: plain.count, chunks: draft.chunks, content: plain)
        }
        try prove(content, decodesTo: plain)
        let plainBytes = plain.count
        shelf.give(back: plain)
        return PackedBlock(
            kind: draft.kind, codec: .zstd, plainBytes: plainBytes, chunks: draft.chunks, content: content)
    }

    private func compress(_ draft: BlockDraft) throws(StoreError) -> Buffer? {
        guard let zstdLevel = level.zstdLevel else { return nil }
        let plain = draft.plain
        // A block that hardly shrinks is not worth the time of everyone who reads it.
        let worthwhile = plain.count - plain.count / 64 - 32
        guard worthwhile > 0, try looksCompressible(plain, worthwhile: worthwhile) else { return nil }
        let content = shelf.take(worthwhile)
        let room = UnsafeMutableRawBufferPointer(
            rebasing: content.memory[..<worthwhile])
        let windowLog = Int32(max(10, Int.bitWidth - (plain.count - 1).leadingZeroBitCount))
        let length: Int?
        do throws(CompressionError) {
            length = try compressor.compress(
                plain.bytes, level: zstdLevel, tables: level.tables(for: draft), windowLog: windowLog, into: room)
        } catch { throw StoreError(error) }
        guard let length else {
            shelf.give(back: content)
            return nil
        }
        content.count = length
        return content
    }

    /// Tries samples from all over a large block: what holds nothing to compress is stored at nearly the speed of hashing.
    private func looksCompressible(_ plain: Buffer, worthwhile: Int) throws(StoreError) -> Bool {
        guard plain.count >= 4 * Self.sampleCount * Self.sampleBytes else { return true }
        var tried = 0
        var left = 0
        let scratch = UnsafeMutableRawBufferPointer(rebasing: decoded.memory[..<Self.sampleBytes])
        for number in 0..<Self.sampleCount {
            let start = number * (plain.count - Self.sampleBytes) / (Self.sampleCount - 1)
            let sample = plain.bytes(start..<start + Self.sampleBytes)
            tried += sample.count
            do throws(CompressionError) {
                left += try compressor.compress(sample, level: 1, windowLog: nil, into: scratch) ?? sample.count
            } catch { throw StoreError(error) }
        }
        return left < tried - tried / 64
    }

    private static let sampleCount = 16
    private static let sampleBytes = 4_096

    private func prove(_ content: Buffer, decodesTo plain: Buffer) throws(StoreError) {
        let target = decoded.capacity >= plain.count ? decoded : Buffer(capacity: plain.count)
        let output = UnsafeMutableRawBufferPointer(rebasing: target.memory[..<plain.count])
        do throws(CompressionError) { try decompressor.decompress(content.bytes, into: output) } catch {
            throw .unprovable("a block that was just compressed does not decode: \(error)")
        }
        guard UnsafeRawBufferPointer(output).isEqual(to: plain.bytes) else {
            throw .unprovable("a block that was just compressed decodes to other bytes")
        }
    }
}

extension StoreError {
    init(_ error: CompressionError) {
        self.init(.system, "zstd: \(error)")
    }
}
