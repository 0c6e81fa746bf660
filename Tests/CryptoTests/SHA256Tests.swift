@testable import Crypto
import Testing

/// FIPS 180-2, appendix B, and the examples beside it.
private let vectors: [(message: [UInt8], digest: String)] = [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
        Array(
            ("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu").utf8),
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
        [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
]

@Suite struct SHA256Tests {
    @Test("the published digests come out, in one go and in pieces of any size")
    func knownAnswers() {
        let stream = SHA256Stream()
        for (message, digest) in vectors {
            #expect(SHA256.digest(message).hex == digest)
            for pieceBytes in [1, 7, 63, 64, 65, 4096] where message.count < 1000 || pieceBytes > 60 {
                var position = 0
                while position < message.count {
                    let end = min(position + pieceBytes, message.count)
                    stream.update(Array(message[position..<end]))
                    position = end
                }
                #expect(stream.finish().hex == digest)
            }
        }
    }

    @Test("a nil base address is the empty message")
    func nilBase() {
        #expect(SHA256.digest(UnsafeRawBufferPointer(start: nil, count: 0)) == SHA256.digest([]))
    }

    @Test("a stream that is reset forgets what it was given")
    func reset() {
        let stream = SHA256Stream()
        stream.update([1, 2, 3])
        stream.reset()
        stream.update(Array("abc".utf8))
        #expect(stream.finish() == SHA256.digest(Array("abc".utf8)))
        #expect(stream.finish() == SHA256.digest([]))
    }

    @Test("threads that come and go hash correctly at the same time")
    func threads() async {
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    let message = [UInt8](repeating: UInt8(number), count: number * 100)
                    let stream = SHA256Stream()
                    stream.update(message)
                    return stream.finish() == SHA256.digest(message)
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}

@Suite struct SHA256DigestTests {
    private let digest = SHA256.digest(Array("abc".utf8))

    @Test("bytes and hexadecimal text lead back to the same digest")
    func roundTrips() {
        #expect(SHA256Digest(digest.bytes) == digest)
        #expect(SHA256Digest(hex: digest.hex) == digest)
        #expect("\(digest)" == digest.hex)
        #expect(digest.bytes.count == SHA256Digest.byteCount)
        #expect(MemoryLayout<SHA256Digest>.size == SHA256Digest.byteCount)
    }

    @Test("bytes at an odd address are read correctly")
    func unaligned() {
        let shifted = [0] + digest.bytes
        shifted.withUnsafeBytes { #expect(SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: $0[1...])) == digest) }
    }

    @Test("a wrong number of bytes is refused", arguments: [0, 31, 33])
    func wrongCount(count: Int) {
        #expect(SHA256Digest([UInt8](repeating: 0, count: count)) == nil)
    }

    @Test("text that is not 64 lower-case digits is refused")
    func wrongText() {
        let text = digest.hex
        #expect(SHA256Digest(hex: text.uppercased()) == nil)
        #expect(SHA256Digest(hex: String(text.dropLast())) == nil)
        #expect(SHA256Digest(hex: text + "0") == nil)
        #expect(SHA256Digest(hex: "") == nil)
        #expect(SHA256Digest(hex: String(text.dropLast()) + "g") == nil)
        #expect(SHA256Digest(hex: String(text.dropLast(2)) + "é") == nil)
        #expect(SHA256Digest(hex: String(text.dropLast(2)) + "\u{0}0") == nil)
    }

    @Test("the order is the order of bytes, whichever byte differs")
    func order() {
        var bytes = [UInt8](repeating: 0x80, count: 32)
        let middle = SHA256Digest(bytes)!
        #expect(!(middle < middle))
        for index in 0..<32 {
            bytes[index] = 0x7f
            if index < 31 { bytes[index + 1] = 0xff }
            let smaller = SHA256Digest(bytes)!
            #expect(smaller < middle && !(middle < smaller))
            #expect(smaller != middle)
            #expect((smaller.hex < middle.hex) == (smaller < middle))
            bytes = [UInt8](repeating: 0x80, count: 32)
        }
    }

    @Test("digests serve as keys of a dictionary")
    func keys() {
        var numbers: [SHA256Digest: Int] = [:]
        for number in 0..<1000 { numbers[SHA256.digest([UInt8(number & 255), UInt8(number >> 8)])] = number }
        #expect(numbers.count == 1000)
        #expect(numbers[SHA256.digest([7, 1])] == 263)
    }
}

@Suite struct SHA256PairsTests {
    private static func random(_ count: Int, _ generator: inout SystemRandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    private static func lend(_ messages: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) -> Void) {
        let all = messages.flatMap { $0 }
        all.withUnsafeBytes { raw in
            var start = 0
            body(
                messages.map { message in
                    defer { start += message.count }
                    return UnsafeRawBufferPointer(rebasing: raw[start..<start + message.count])
                })
        }
    }

    @Test("many messages have the digests that each has by itself, by pairs too, at every length around a block's ends")
    func sameAsOneByOne() {
        var generator = SystemRandomNumberGenerator()
        var series: [[Int]] = [
            [], [0], [0, 0], [5], Array(0...200), Array((0...200).reversed()), [100_000, 0, 1, 64, 55, 56],
        ]
        for _ in 0..<50 { series.append((0..<Int.random(in: 1...9)).map { _ in Int.random(in: 0...5_000) }) }
        for lengths in series {
            let messages = lengths.map { Self.random($0, &generator) }
            let expected = messages.map { SHA256.digest($0) }
            Self.lend(messages) { lent in
                #expect(SHA256.digests(lent) == expected, "lengths \(lengths)")
                if SHA256.pairsArePossible { #expect(SHA256.digestsByPairs(lent) == expected, "lengths \(lengths)") }
            }
        }
    }

    @Test("an empty message without an address is like any other empty one")
    func nilBase() {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(SHA256.digests([nothing, nothing]) == [SHA256.digest([]), SHA256.digest([])])
        if SHA256.pairsArePossible {
            #expect(SHA256.digestsByPairs([nothing, nothing]) == [SHA256.digest([]), SHA256.digest([])])
        }
    }

    @Test("a message in pieces has the digest that it has in one, and so have the parts that are hashed beside it")
    func courses() {
        var generator = SystemRandomNumberGenerator()
        var series: [[[Int]]] = [
            [], [[]], [[0]], [[1], [62], [1], [64], [65]], [[55]], [[56]], [[64, 0, 64]], [[], [3], []],
        ]
        for _ in 0..<100 {
            series.append(
                (0..<Int.random(in: 1...5)).map { _ in
                    (0..<Int.random(in: 0...4)).map { _ in Int.random(in: 0...[3, 200, 5_000].randomElement()!) }
                })
        }
        let courses = SHA256.pairsArePossible ? [true, false] : [false]
        for pieces in series {
            let contents = pieces.map { $0.map { Self.random($0, &generator) } }
            let whole = contents.flatMap { $0.flatMap { $0 } }
            for byPairs in courses {
                let course = SHA256Course(byPairs: byPairs)
                for parts in contents {
                    let piece = parts.flatMap { $0 }
                    piece.withUnsafeBytes { raw in
                        Self.lend(parts) { lent in
                            #expect(
                                course.append(raw, digesting: lent) == parts.map { SHA256.digest($0) },
                                "pieces \(pieces)")
                        }
                    }
                }
                #expect(course.finish() == SHA256.digest(whole), "pieces \(pieces), by pairs: \(byPairs)")
            }
        }
    }
}
