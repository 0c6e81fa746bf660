import Compression
import Testing

@Suite struct PrefixTests {
    let compressor: Compressor
    let decompressor: Decompressor

    init() throws {
        compressor = try Compressor()
        decompressor = try Decompressor()
    }

    @Test("a prefix that holds the bytes already makes the frame tiny, and is needed to read it")
    func saves() throws {
        let old = noise(100_000, seed: 7)
        var new = old
        new[50_000] ^= 0xff
        let whole = try #require(try compressor.frame(new))
        let delta = try #require(try compressor.frame(new, prefix: old))
        #expect(whole.count > 99_000 && delta.count < 200)
        #expect(try decompressor.plain(delta, prefix: old, count: new.count) == new)
        #expect(throws: CompressionError.self) { try decompressor.plain(delta, count: new.count) }
        #expect(try decompressor.plain(whole, count: new.count) == new)
    }

    private static let long = noise(3 << 20, seed: 3)

    @Test("all of a prefix is within reach, whatever the level's window and tables", arguments: [-3, 0, 1, 3, 6, 9])
    func reach(level: Int32) throws {
        let old = Self.long
        let new = Array(old.prefix(1 << 19))
        let delta = try #require(try compressor.frame(new, prefix: old, level: level))
        #expect(delta.count < 20_000)
        #expect(try decompressor.plain(delta, prefix: old, count: new.count) == new)
        let short = try #require(try compressor.frame(new, prefix: old, level: level, windowLog: 17))
        #expect(short.count > 100_000)
        #expect(try decompressor.plain(short, prefix: old, count: new.count) == new)
    }

    @Test("a prefix that looks like a zstd dictionary is taken as plain bytes")
    func dictionaryMagic() throws {
        let old = [0x37, 0xa4, 0x30, 0xec] + noise(20_000, seed: 5)
        let new = old + prose(100)
        let delta = try #require(try compressor.frame(new, prefix: old))
        #expect(delta.count < 500)
        #expect(try decompressor.plain(delta, prefix: old, count: new.count) == new)
    }

    @Test("an empty prefix is no prefix")
    func empty() throws {
        let plain = prose(3000)
        let frame = try #require(try compressor.frame(plain, prefix: []))
        #expect(try frame == compressor.frame(plain))
        #expect(try decompressor.plain(frame, prefix: [], count: plain.count) == plain)
        #expect(try decompressor.plain(frame, prefix: prose(77), count: plain.count) == plain)
    }

    @Test("a wrong, shorter or missing prefix never traps and never yields the bytes")
    func wrong() throws {
        let old = prose(30_000, seed: 11)
        let new = Array(old[10_000...]) + prose(5000, seed: 12)
        let delta = try #require(try compressor.frame(new, prefix: old))
        var others: [[UInt8]] = [[], [1], noise(30_000, seed: 1), prose(30_000, seed: 13), old + [0]]
        for count in stride(from: 1, to: old.count, by: 997) { others.append(Array(old.prefix(count))) }
        for other in others {
            let plain = try? decompressor.plain(delta, prefix: other, count: new.count)
            let isRight = plain == new
            #expect(!isRight)
        }
        #expect(try decompressor.plain(delta, prefix: old, count: new.count) == new)
    }
}
