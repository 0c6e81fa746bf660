import Compression
import Testing

/// The smallest generator that is good enough for test data: the same bytes for the same seed, for ever.
func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

/// Text that compresses to about a third.
func prose(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    let words = ["chunk", "block", "pack", "tree", "manifest", "snapshot", "catalog", "journal", "base", "lease"]
    var text: [UInt8] = []
    for number in noise(count, seed: seed) where text.count < count {
        text += Array(words[Int(number) % words.count].utf8) + [number & 1 == 0 ? 32 : 10]
    }
    return Array(text.prefix(count))
}

extension Compressor {
    /// The frame of `plain`, in a buffer of `capacity` bytes (default: enough).
    func frame(
        _ plain: [UInt8], prefix: [UInt8]? = nil, level: Int32 = 3, windowLog: Int32? = nil, capacity: Int? = nil
    ) throws -> [UInt8]? {
        var frame = [UInt8](repeating: 0xee, count: capacity ?? Compressor.bound(plain.count))
        let count = try frame.withUnsafeMutableBytes { frame in
            try plain.withUnsafeBytes { plain in
                guard let prefix else {
                    return try compress(plain, .init(level: level), windowLog: windowLog, into: frame)
                }
                return try prefix.withUnsafeBytes {
                    try compress(plain, prefix: $0, .init(level: level), windowLog: windowLog, into: frame)
                }
            }
        }
        return count.map { Array(frame.prefix($0)) }
    }
}

extension Decompressor {
    /// The bytes of `frame`, which must be `count`.
    func plain(_ frame: [UInt8], prefix: [UInt8]? = nil, count: Int) throws -> [UInt8] {
        var plain = [UInt8](repeating: 0xee, count: count)
        try plain.withUnsafeMutableBytes { plain in
            try frame.withUnsafeBytes { frame in
                guard let prefix else { return try decompress(frame, into: plain) }
                try prefix.withUnsafeBytes { try decompress(frame, prefix: $0, into: plain) }
            }
        }
        return plain
    }
}

@Suite struct CompressionTests {
    let compressor: Compressor
    let decompressor: Decompressor

    init() throws {
        compressor = try Compressor()
        decompressor = try Decompressor()
    }

    @Test("what was compressed comes back, at any length and level", arguments: [-5, 0, 1, 3, 9, 19, 22] as [Int32])
    func roundTrip(level: Int32) throws {
        for count in [0, 1, 2, 255, 256, 65_791, 65_792, 300_000] {
            for plain in [prose(count), noise(count, seed: 4)] {
                let frame = try #require(try compressor.frame(plain, level: level))
                #expect(try decompressor.plain(frame, count: count) == plain)
            }
        }
    }

    @Test("the empty message has no addresses and still makes a frame")
    func empty() throws {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        var frame = [UInt8](repeating: 0, count: 32)
        try frame.withUnsafeMutableBytes { frame in
            let count = try #require(try compressor.compress(nothing, .init(level: 3), windowLog: nil, into: frame))
            try decompressor.decompress(
                UnsafeRawBufferPointer(rebasing: frame[..<count]),
                into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
        }
        #expect(try compressor.frame([], prefix: [], capacity: 0) == nil)
    }

    @Test("a frame is refused if and only if the buffer is shorter than it, down to a buffer of nothing")
    func capacity() throws {
        let plain = prose(2000)
        let frame = try #require(try compressor.frame(plain))
        for capacity in 0...plain.count {
            let fitted = try compressor.frame(plain, capacity: capacity)
            if let fitted {
                #expect(try decompressor.plain(fitted, count: plain.count) == plain)
            } else {
                // The library wants a little slack beyond the frame's own length.
                #expect(capacity < frame.count + 64)
            }
        }
    }

    @Test("noise does not fit into one byte less than itself")
    func incompressible() throws {
        for count in [1, 100, 10_000] {
            #expect(try compressor.frame(noise(count, seed: 2), capacity: count - 1) == nil)
        }
        #expect(try compressor.frame(prose(10_000), capacity: 9_999) != nil)
    }

    @Test("a frame states its size and carries neither checksum nor dictionary id")
    func header() throws {
        let frame = try #require(try compressor.frame(prose(1000), prefix: prose(500)))
        let descriptor = frame[4]
        #expect(frame[..<4] == [0x28, 0xb5, 0x2f, 0xfd])
        #expect(descriptor & 0b100 == 0, "checksum flag")
        #expect(descriptor & 0b11 == 0, "dictionary id flag")
        #expect(descriptor >> 6 == 1 && Int(frame[5]) + Int(frame[6]) << 8 + 256 == 1000 || descriptor & 0x20 == 0)
    }

    @Test("a reused compressor makes the same frames as a new one, whatever came before")
    func deterministic() throws {
        let plain = prose(200_000)
        let prefix = prose(100_000, seed: 9)
        let fresh = try #require(try Compressor().frame(plain))
        let freshDelta = try #require(try Compressor().frame(plain, prefix: prefix, level: 5))
        for _ in 0..<3 {
            #expect(try compressor.frame(plain) == fresh)
            #expect(try compressor.frame(plain, capacity: 10) == nil)
            #expect(try compressor.frame(plain, prefix: prefix, level: 5) == freshDelta)
            #expect(try compressor.frame(plain, prefix: prefix, capacity: 20) == nil)
            #expect(try compressor.frame(noise(3000, seed: 1), level: 19, windowLog: 12) != nil)
        }
    }

    @Test("a level or a window out of range is refused and the compressor works on")
    func badParameters() throws {
        for level in [Int32.min, 23, .max] {
            #expect(throws: CompressionError.self) { try compressor.frame([1], level: level) }
        }
        for windowLog in [Int32.min, -1, 0, 9, 28, .max] {
            #expect(throws: CompressionError.self) { try compressor.frame([1], windowLog: windowLog) }
        }
        for windowLog: Int32 in [10, 27] {
            let frame = try #require(try compressor.frame(prose(5000), windowLog: windowLog))
            #expect(try decompressor.plain(frame, count: 5000) == prose(5000))
        }
    }

    @Test("contexts say how much memory they hold")
    func memory() throws {
        let before = compressor.memoryBytes
        _ = try compressor.frame(prose(100_000), level: 9)
        #expect(compressor.memoryBytes > before && decompressor.memoryBytes > 0)
    }
}
