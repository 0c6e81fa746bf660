import Bytes
import Chunking
import Compression
import Crypto
import Posix

/// How fast the single steps run, each alone, on all processors at once: what no arrangement of them can exceed.
struct StageLimits: Sendable {
    var chunking = 0.0
    /// On one processor, the others idle.
    var chunkingAlone = 0.0
    var hashing = 0.0
    var compressing = 0.0
    var decoding = 0.0
    var sealing = 0.0
    /// Stored bytes for each plain byte.
    var packed = 1.0

    /// Measures bytes a second on this data; with `all` false only what stored data needs.
    init(_ data: Buffer, threads: Int, all: Bool = true) throws {
        let pieceBytes = 4 << 20
        let pieces = stride(from: 0, to: data.count - pieceBytes + 1, by: pieceBytes).map { $0..<$0 + pieceBytes }
        let bytes = Double(pieces.count * pieceBytes)
        let mine: @Sendable (Int) -> [Range<Int>] = { number in
            pieces.indices.filter { $0 % threads == number }.map { pieces[$0] }
        }
        let table = GearTable(values: try Self.randomTable())
        chunking =
            bytes
            / (try Stopwatch.parallelSeconds(threads) { number in
                for piece in mine(number) { Self.chunk(data.bytes(piece), table) }
            })
        let alone = pieces.prefix(32)
        chunkingAlone =
            Double(alone.count * pieceBytes)
            / Stopwatch.seconds { for piece in alone { Self.chunk(data.bytes(piece), table) } }
        hashing =
            bytes
            / (try Stopwatch.parallelSeconds(threads) { number in
                for piece in mine(number) {
                    // In pieces of a usual chunk's size.
                    for start in stride(from: piece.lowerBound, to: piece.upperBound, by: 65_536) {
                        _ = SHA256.digest(data.bytes(start..<start + 65_536))
                    }
                }
            })
        guard all else { return }
        let frames = Monitor<[Range<Int>: Buffer]>([:])
        compressing =
            bytes
            / (try Stopwatch.parallelSeconds(threads) { number in
                let compressor = try Compressor()
                let scratch = Buffer(capacity: Compressor.bound(pieceBytes))
                for piece in mine(number) {
                    scratch.count =
                        try compressor.compress(data.bytes(piece), .init(level: 3), windowLog: 22, into: scratch.memory)
                        ?? 0
                    let frame = Buffer(copying: scratch.bytes)
                    frames.withLock { $0[piece] = frame }
                }
            })
        let made = frames.withLock { $0 }
        packed = Double(made.values.reduce(0) { $0 + $1.count }) / bytes
        decoding =
            bytes
            / (try Stopwatch.parallelSeconds(threads) { number in
                let decompressor = try Decompressor()
                let scratch = Buffer(capacity: pieceBytes)
                for piece in mine(number) { try decompressor.decompress(made[piece]!.bytes, into: scratch.memory) }
            })
        let key = try Secret.random(byteCount: 32)
        sealing =
            bytes
            / (try Stopwatch.parallelSeconds(threads) { number in
                let cipher = try AESGCM(key: key)
                let scratch = Buffer(capacity: pieceBytes + AESGCM.overhead)
                for (index, piece) in mine(number).enumerated() {
                    try cipher.seal(
                        data.bytes(piece), nonce: UInt32(index), associatedData: .init(start: nil, count: 0),
                        into: scratch.memory)
                }
            })
    }

    private static func chunk(_ bytes: UnsafeRawBufferPointer, _ table: GearTable) {
        var chunker = Chunker(table: table, profile: .standard)
        var start = 0
        while let length = chunker.nextChunk(in: UnsafeRawBufferPointer(rebasing: bytes[start...]).bytes, isLast: true)
        {
            start += length
        }
    }

    private static func randomTable() throws -> [UInt64] {
        let bytes = try RandomBytes.bytes(2_048)
        return bytes.withUnsafeBytes { raw in
            (0..<256).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
        }
    }

    /// Seconds that putting takes at the least: every byte is cut and hashed, new ones are compressed, decoded again and sealed,
    /// and each chunk is looked up.
    func putSeconds(bytes: Double, newBytes: Double, storedBytes: Double, chunks: Double, lookUpsPerSecond: Double)
        -> Double
    {
        let forAll = bytes / chunking + bytes / hashing + chunks / lookUpsPerSecond
        if newBytes == 0 { return forAll }
        return forAll + newBytes / compressing + newBytes / decoding + storedBytes / sealing
    }

    /// Seconds that getting takes at the least: opened, decoded, hashed.
    func getSeconds(bytes: Double, storedBytes: Double) -> Double {
        storedBytes / sealing + bytes / decoding + bytes / hashing
    }
}
