import Chunking
import Testing

@Suite("Chunker")
struct ChunkerTests {
    /// Three small tiers, so that a short stream passes through all of them, with lengths odd enough to hit no lane's end.
    static let small: Profile = makeSmall()

    private static func makeSmall() -> Profile {
        do {
            return try Profile(tiers: [
                tier(0, 64, 301, 1000, 8, 5), tier(5000, 150, 777, 3001, 10, 7), tier(30000, 600, 2048, 8192, 12, 9),
            ])
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Streams whose hashes are cut often, seldom, never and with a beat.
    static func streams(_ random: inout SplitMix64) -> [[UInt8]] {
        let length = Int.random(in: 0...60_000, using: &random)
        let period = Int.random(in: 1...200, using: &random)
        let pattern = random.bytes(period)
        let words = ["the ", "quick ", "brown ", "fox\n", "jumps ", "over ", "lazy ", "dog. "].map { Array($0.utf8) }
        var text: [UInt8] = []
        while text.count < length { text += words[Int.random(in: 0..<words.count, using: &random)] }
        return [
            random.bytes(length), [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: length),
            (0..<length).map { pattern[$0 % period] }, text,
        ]
    }

    @Test("cuts equal those of the plain rule, however the stream is split", arguments: 1...12)
    func propertyOfCuts(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for stream in Self.streams(&random) {
            let expected = referenceCuts(of: stream, values: testValues, profile: Self.small)
            #expect(cuts(of: stream, profile: Self.small) == expected)
            for pieceMax in [150, 5000] {
                var splits = random
                let split = cuts(of: stream, profile: Self.small) { Int.random(in: 0...pieceMax, using: &splits) }
                #expect(split == expected, "pieces up to \(pieceMax)")
            }
        }
    }

    @Test("cuts equal those of the plain rule when every hash, every second or every seventeenth is low")
    func denseHits() {
        for step in [1, 2, 17] {
            var values = [UInt64](repeating: UInt64.max, count: 256)
            // Zeros make the hash zero; a seldom other byte spoils the next 64.
            for byte in stride(from: 0, to: 256, by: step) { values[byte] = 0 }
            for stream in [[UInt8](repeating: 0, count: 20_000), (0..<20_000).map { UInt8($0 / 90 % 256) }] {
                #expect(
                    cuts(of: stream, table: GearTable(values: values), profile: Self.small)
                        == referenceCuts(of: stream, values: values, profile: Self.small))
            }
        }
    }

    @Test(
        "the weakest and the strongest masks cut by the plain rule",
        arguments: [(1, 1), (16, 1), (17, 16), (40, 17), (40, 40)] as [(UInt8, UInt8)])
    func extremeMasks(hardBits: UInt8, easyBits: UInt8) throws {
        let profile = try Profile(tiers: [tier(0, 64, 3000, 9000, hardBits, easyBits)])
        let stream = SplitMix64.bytes(seed: 5, count: 40_000)
        let expected = referenceCuts(of: stream, values: testValues, profile: profile)
        #expect(cuts(of: stream, profile: profile) == expected)
    }

    @Test("one byte at a time cuts as all at once")
    func byteByByte() {
        let stream = SplitMix64.bytes(seed: 7, count: 12_000)
        let expected = referenceCuts(of: stream, values: testValues, profile: Self.small)
        #expect(cuts(of: stream, profile: Self.small) { 1 } == expected)
    }

    @Test("a cut is told at the latest when 127 bytes behind it are visible, and never before its own byte is")
    func delayOfAnswers() {
        let stream = SplitMix64.bytes(seed: 8, count: 60_000)
        var chunker = Chunker(table: testTable, profile: Self.small)
        var start = 0
        for cut in referenceCuts(of: stream, values: testValues, profile: Self.small).dropLast() {
            let early = chunker.nextChunk(in: stream.span.bytes.extracting(start..<(cut - 1)), isLast: false)
            let end = min(cut + 127, stream.count)
            let late = chunker.nextChunk(in: stream.span.bytes.extracting(start..<end), isLast: end == stream.count)
            #expect(early == nil)
            #expect(late == cut - start)
            start = cut
        }
    }

    @Test("every length around the bounds of the first tier cuts by the plain rule")
    func lengthsAroundBounds() {
        let stream = SplitMix64.bytes(seed: 9, count: 9000)
        for bound in [0, 64, 128, 301, 1000, 5000] {
            for length in max(0, bound - 3)...(bound + 3) {
                let part = Array(stream.prefix(length))
                let expected = referenceCuts(of: part, values: testValues, profile: Self.small)
                #expect(cuts(of: part, profile: Self.small) == expected, "length \(length)")
            }
        }
    }

    @Test("a stream without bytes has no chunk")
    func emptyStream() {
        #expect(cuts(of: [], profile: .standard) == [])
    }

    @Test("the offset counts the bytes of finished chunks")
    func offsetCounts() throws {
        let stream = SplitMix64.bytes(seed: 3, count: 3000)
        var chunker = Chunker(table: testTable, profile: Self.small)
        #expect(chunker.offset == 0)
        let length = chunker.nextChunk(in: stream.span.bytes, isLast: true)
        #expect(try chunker.offset == UInt64(#require(length)))
    }

    @Test("nothing but the longest chunk has to be visible to get on")
    func longestChunkSuffices() throws {
        let profile = try Profile(tiers: [tier(0, 64, 500, 2000, 40, 40)])
        let stream = [UInt8](repeating: 0, count: 2000)
        var chunker = Chunker(table: testTable, profile: profile)
        let tooEarly = chunker.nextChunk(in: stream.span.bytes.extracting(0..<1999), isLast: false)
        let inTime = chunker.nextChunk(in: stream.span.bytes, isLast: false)
        #expect(tooEarly == nil)
        #expect(inTime == 2000)
    }

    @Test("after an inserted byte nearly all later cuts are the old ones, one byte on")
    func resynchronises() {
        let stream = SplitMix64.bytes(seed: 11, count: 4 << 20)
        var changed = stream
        changed.insert(77, at: 1000)
        let before = Set(cuts(of: stream, profile: .standard).map { $0 + 1 })
        let after = cuts(of: changed, profile: .standard)
        let kept = after.count { before.contains($0) }
        #expect(after.count > 80)
        #expect(after.count - kept <= 4, "\(after.count - kept) of \(after.count) cuts are new")
    }
}

extension SplitMix64 {
    static func bytes(seed: UInt64, count: Int) -> [UInt8] {
        var random = SplitMix64(seed: seed)
        return random.bytes(count)
    }
}
