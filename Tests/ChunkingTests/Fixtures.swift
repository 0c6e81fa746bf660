import Chunking

/// The table of these tests: the first 256 numbers of the generator with seed 1.
let testValues: [UInt64] = {
    var random = SplitMix64(seed: 1)
    return (0..<256).map { _ in random.next() }
}()

let testTable = GearTable(values: testValues)

/// A tier in one line.
func tier(
    _ from: UInt64, _ minBytes: UInt32, _ normalBytes: UInt32, _ maxBytes: UInt32, _ hardBits: UInt8, _ easyBits: UInt8
) -> Profile.Tier {
    Profile.Tier(
        fromOffset: from, minBytes: minBytes, normalBytes: normalBytes, maxBytes: maxBytes, hardBits: hardBits,
        easyBits: easyBits)
}

/// The offsets behind all chunks of a stream that is shown as one piece, or grows by the lengths that `pieces` yields.
/// As in a pipeline, the buffer begins with the unfinished chunk.
func cuts(
    of stream: [UInt8], table: GearTable = testTable, profile: Profile, pieces: (() -> Int)? = nil
) -> [Int] {
    var chunker = Chunker(table: table, profile: profile)
    var cuts: [Int] = []
    var start = 0
    var end = pieces == nil ? stream.count : 0
    while true {
        let window = stream.span.bytes.extracting(start..<end)
        if let length = chunker.nextChunk(in: window, isLast: end == stream.count) {
            start += length
            cuts.append(start)
        } else if end == stream.count {
            return cuts
        } else {
            end = min(stream.count, end + (pieces?() ?? 0))
        }
    }
}
