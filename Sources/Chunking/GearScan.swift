// unsafe: the rolling hash over raw pointers. Nothing else in this target handles them; every index is bounded by the
// caller's range, which `gearScan` checks against the span.
//
// One hash is a chain of two additions a byte, which leaves most of a core idle. So a range is scanned as strips of four
// lanes, side by side, each warmed up with the 63 bytes before it. Two lanes share one vector, which starts with the
// table's values loaded into its halves; a signed 16-bit minimum over the tops of the hashes (see `GearTable`) tells
// after 32 bytes whether any of them was low enough. Only then are those 32 looked at one by one.
// So the loop does two loads a byte and little else: the loads are what bounds it.

#if _endian(big)
    #error("the order of words in GearScan is little-endian")
#endif

/// The shortest range that is worth four lanes; each has to be warmed up.
let gearScanBytesMin = 128
/// How many bytes of each lane are scanned between two looks at the minimum.
private let groupBytes = 8
/// The bytes before a position that take part in its hash.
private let reachBytes = 63

private typealias Words = SIMD8<Int16>

/// The lowest index in `range` whose hash has at least `zeroBits` leading zero bits.
///
/// - Precondition: `range` lies in `bytes`, with at least 63 bytes before it.
/// - Complexity: linear in what precedes the hit: at most four times that, and the warm-up of four lanes.
func gearScan(_ bytes: borrowing RawSpan, _ range: Range<Int>, zeroBits: UInt8, table: GearTable) -> Int? {
    precondition(reachBytes <= range.lowerBound && range.upperBound <= bytes.byteCount)
    precondition(1 <= zeroBits && zeroBits < 64)
    let limit = UInt64(1) << (64 - UInt64(zeroBits))
    // Where hits are dense a long strip is mostly work beyond the hit; where they are rare, a short one is mostly warm-up.
    let stripBytes = min(max(1 << (Int(zeroBits) - 1), 1024), 16384)
    return bytes.withUnsafeBytes { buffer in
        table.signedValues.withUnsafeBufferPointer { values in
            guard let base = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let values = values.baseAddress
            else { return nil }
            var start = range.lowerBound
            while range.upperBound - start >= gearScanBytesMin {
                let laneBytes = min(range.upperBound - start, stripBytes) / (4 * groupBytes) * groupBytes
                if let hit = scanLanes(base + start, laneBytes, below: limit, values) { return start + hit }
                start += 4 * laneBytes
            }
            guard start < range.upperBound else { return nil }
            var hash: UInt64 = 0
            _ = scan(base + start - reachBytes, reachBytes, &hash, below: 0, values)
            return scan(base + start, range.upperBound - start, &hash, below: limit, values).map { start + $0 }
        }
    }
}

/// The first hit in four lanes of `laneBytes`, a multiple of `groupBytes`, which follow one another from `bytes` on.
private func scanLanes(
    _ bytes: UnsafePointer<UInt8>, _ laneBytes: Int, below limit: UInt64, _ values: UnsafePointer<UInt64>
) -> Int? {
    var lanes = Lanes(laneBytes: laneBytes, values: UnsafeRawPointer(values))
    var next = bytes - reachBytes
    while next < bytes {
        lanes.advance(next, 0)
        next += 1
    }
    // The upper 16 bits decide whether a group is looked at. With a limit below 2^48 a few are looked at in vain.
    var alarm = Words(repeating: .min)
    alarm[3] = Int16(Int(Int16.min) + Int(max(limit >> 48, 1)))
    alarm[7] = alarm[3]
    var hit: Int?
    var openLanes = 4  // those before the first hit; what the others find comes too late
    let end = bytes + laneBytes
    while next < end {
        let before = SIMD4(lowHalf: lanes.low, highHalf: lanes.high)
        lanes.lowest = Words(repeating: .max)
        lanes.highest = Words(repeating: .max)
        // groupBytes times, spelled out: whether the optimiser unrolls a loop of this hangs by a thread.
        lanes.advance(next, 0)
        lanes.advance(next, 1)
        lanes.advance(next, 2)
        lanes.advance(next, 3)
        lanes.advance(next, 4)
        lanes.advance(next, 5)
        lanes.advance(next, 6)
        lanes.advance(next, 7)
        if any(minimum(lanes.lowest, lanes.highest) .< alarm) {
            for lane in 0..<openLanes {
                let start = next + lane * laneBytes
                var hash = before[lane]
                if let index = scan(start, groupBytes, &hash, below: limit, values) {
                    hit = start - bytes + index
                    openLanes = lane
                    break
                }
            }
            if openLanes == 0 { return hit }
        }
        next += groupBytes
    }
    return hit
}

/// Four hashes in two vectors, and the lowest tops that each half of them has had.
private struct Lanes {
    let laneBytes: Int
    let values: UnsafeRawPointer
    var low = SIMD2<UInt64>()
    var high = SIMD2<UInt64>()
    var lowest = Words()
    var highest = Words()

    init(laneBytes: Int, values: UnsafeRawPointer) {
        self.laneBytes = laneBytes
        self.values = values
    }

    /// Takes in byte `next[step]` of the first lane and its like in the others.
    @inline(__always)
    mutating func advance(_ next: UnsafePointer<UInt8>, _ step: Int) {
        low = low &+ low &+ pair(next[step], next[laneBytes &+ step])
        lowest = minimum(lowest, unsafeBitCast(low, to: Words.self))
        high = high &+ high &+ pair(next[2 &* laneBytes &+ step], next[3 &* laneBytes &+ step])
        highest = minimum(highest, unsafeBitCast(high, to: Words.self))
    }

    /// The values of two bytes, loaded as doubles, for these go straight into either half of a vector; integers would
    /// be loaded one by one and then shuffled together.
    @inline(__always)
    private func pair(_ first: UInt8, _ second: UInt8) -> SIMD2<UInt64> {
        let low = values.load(fromByteOffset: Int(first) &* 8, as: Double.self)
        let high = values.load(fromByteOffset: Int(second) &* 8, as: Double.self)
        return unsafeBitCast(SIMD2<Double>(low, high), to: SIMD2<UInt64>.self)
    }
}

/// The lower of each two words; this shape becomes one instruction.
@inline(__always)
private func minimum(_ first: Words, _ second: Words) -> Words {
    first.replacing(with: second, where: second .< first)
}

/// The first hit in `count` bytes, one by one; `hash` is that of the byte before them, and then of the last one scanned.
private func scan(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ hash: inout UInt64, below limit: UInt64,
    _ values: UnsafePointer<UInt64>
) -> Int? {
    for index in 0..<count {
        hash = hash &+ hash &+ values[Int(bytes[index])]
        if hash ^ 1 << 63 < limit { return index }
    }
    return nil
}
