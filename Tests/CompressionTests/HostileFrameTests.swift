import Compression
import Testing

@Suite struct HostileFrameTests {
    let decompressor: Decompressor
    let plain = prose(3000)
    let frame: [UInt8]

    init() throws {
        decompressor = try Decompressor()
        frame = try #require(try Compressor().frame(plain))
    }

    @Test("a frame cut short at any byte is not one frame")
    func truncation() throws {
        for count in 0..<frame.count {
            #expect(throws: CompressionError.notOneFrame) {
                try decompressor.plain(Array(frame[..<count]), count: plain.count)
            }
        }
        #expect(try decompressor.plain(frame, count: plain.count) == plain)
    }

    @Test("any flipped bit ends in an error or in bytes of the right number, and the decompressor works on")
    func bitFlips() throws {
        let old = prose(4000, seed: 5)
        let delta = try #require(try Compressor().frame(plain, prefix: old, level: 19))
        for (victim, prefix) in [(frame, nil), (delta, old)] {
            for index in victim.indices {
                for bit in 0..<8 {
                    var changed = victim
                    changed[index] ^= 1 << bit
                    do {
                        let decoded = try decompressor.plain(changed, prefix: prefix, count: plain.count)
                        #expect(decoded.count == plain.count)
                    } catch {
                        #expect(error is CompressionError)
                    }
                }
            }
        }
        #expect(try decompressor.plain(frame, count: plain.count) == plain)
    }

    @Test("bytes after the frame are refused, be they noise, a second frame or a skippable one")
    func trailing() throws {
        let skippable: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9]
        for extra in [[0], frame, skippable] {
            #expect(throws: CompressionError.notOneFrame) {
                try decompressor.plain(frame + extra, count: plain.count)
            }
        }
        #expect(throws: CompressionError.notOneFrame) { try decompressor.plain(skippable + frame, count: plain.count) }
        #expect(throws: CompressionError.notOneFrame) { try decompressor.plain(skippable, count: 0) }
    }

    @Test("a frame of another size than expected is refused before decoding")
    func wrongSize() {
        for count in [0, 1, plain.count - 1, plain.count + 1, 1 << 20] {
            #expect(throws: CompressionError.wrongContentSize(stated: 3000, expected: count)) {
                try decompressor.plain(frame, count: count)
            }
        }
    }

    @Test("a frame that does not state its size is refused")
    func unstatedSize() {
        // Not single segment, window descriptor 0, no size; one last raw block of three bytes.
        let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00, 0x19, 0, 0, 1, 2, 3]
        #expect(throws: CompressionError.wrongContentSize(stated: nil, expected: 3)) {
            try decompressor.plain(frame, count: 3)
        }
    }

    @Test("a window above 128 MiB is refused, one of 128 MiB is not")
    func window() throws {
        // Not single segment, a size of two bytes (3 more than 256 would say 259); one last run of 259 bytes.
        func frame(window: UInt8) -> [UInt8] {
            [0x28, 0xb5, 0x2f, 0xfd, 0x40, window, 3, 0, 0x1b, 0x08, 0, 7]
        }
        #expect(try decompressor.plain(frame(window: 17 << 3), count: 259) == [UInt8](repeating: 7, count: 259))
        #expect(throws: CompressionError.windowTooLarge(bytes: 9 << 24)) {
            try decompressor.plain(frame(window: 17 << 3 | 1), count: 259)
        }
        #expect(throws: CompressionError.windowTooLarge(bytes: 15 << 28)) {
            try decompressor.plain(frame(window: 21 << 3 | 7), count: 259)
        }
    }

    @Test("noise, zeros and the magic numbers of old formats are not one frame")
    func notFrames() {
        let beginnings: [[UInt8]] = [
            [], [0, 0, 0, 0], [0x28, 0xb5, 0x2f, 0xfd], [0x27, 0xb5, 0x2f, 0xfd], [0x1e, 0xb5, 0x2f, 0xfd],
            [0x22, 0xb5, 0x2f, 0xfd], [0x37, 0xa4, 0x30, 0xec],
        ]
        for (seed, beginning) in beginnings.enumerated() {
            for count in [0, 1, 2, 3, 20, 300] {
                #expect(throws: CompressionError.self) {
                    try decompressor.plain(beginning + noise(count, seed: UInt64(seed)), count: 100)
                }
            }
        }
    }

    @Test("a huge stated size costs nothing, because the caller's size decides")
    func bomb() {
        // Single segment, a size of eight bytes: 2 to the power of 62; one last empty block.
        let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0]
        #expect(throws: CompressionError.wrongContentSize(stated: 1 << 62, expected: 64)) {
            try decompressor.plain(frame, count: 64)
        }
    }

    @Test("every error says in words what happened")
    func words() {
        let errors: [CompressionError] = [
            .badParameter("x"), .notOneFrame, .wrongContentSize(stated: 1, expected: 2),
            .wrongContentSize(stated: nil, expected: 2), .windowTooLarge(bytes: 3), .damaged("x"), .outOfMemory,
            .library("x"),
        ]
        #expect(Set(errors.map { "\($0)" }).count == errors.count)
    }
}
