import Crypto

/// What the catalog's rows of one pack amount to, in whatever order they come: enough to tell whether they are those that the pack's directory
/// asks for, in the memory of a few numbers. The catalog is no adversary, so a sum of 64 mixed bits does.
struct RowSum: Hashable {
    private var chunks = 0
    private var blocks = 0
    private var sum: UInt64 = 0

    /// No rows.
    init() {}

    /// The rows that a directory asks for.
    init(_ directory: PackDirectory) {
        for (number, offset, block) in directory.placedBlocks {
            add(
                block: Int64(number), offset: Int64(offset), stored: Int64(block.storedBytes),
                plain: Int64(block.plainBytes),
                codec: Int64(block.codec.rawValue), bases: block.bases)
            for (chunk, offset) in block.placedChunks {
                add(
                    chunk: chunk.id, block: Int64(number), offset: Int64(offset), length: Int64(chunk.length),
                    kind: Int64(block.kind.rawValue))
            }
        }
    }

    mutating func add(chunk id: ChunkID, block: Int64, offset: Int64, length: Int64, kind: Int64) {
        chunks += 1
        var mixer = Mixer(1)
        mixer.add(id)
        mixer.add(block)
        mixer.add(offset)
        mixer.add(length)
        mixer.add(kind)
        sum &+= mixer.state
    }

    mutating func add(block: Int64, offset: Int64, stored: Int64, plain: Int64, codec: Int64, bases: [ChunkID]) {
        blocks += 1
        var mixer = Mixer(2)
        mixer.add(block)
        mixer.add(offset)
        mixer.add(stored)
        mixer.add(plain)
        mixer.add(codec)
        for base in bases { mixer.add(base) }
        sum &+= mixer.state
    }

    /// Mixes numbers into one; their order counts.
    private struct Mixer {
        private(set) var state: UInt64

        init(_ seed: UInt64) { state = seed }

        mutating func add(_ number: Int64) {
            state = (state ^ UInt64(bitPattern: number)) &* 0x9E37_79B9_7F4A_7C15
            state ^= state >> 29
        }

        mutating func add(_ id: ChunkID) {
            id.digest.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: SHA256Digest.byteCount, by: 8) {
                    add(bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
                }
            }
        }
    }
}
