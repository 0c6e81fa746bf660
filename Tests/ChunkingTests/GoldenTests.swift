import Chunking
import Testing

/// These cuts are frozen. Should one of them move, every repository would store its next snapshot anew: mend the
/// chunker, never the numbers.
///
/// The table is the first 256 numbers of SplitMix64 with seed 1, the stream is the lowest bytes of the numbers with seed
/// 2, but for the stretch of zeros at 400,000 ..< 500,000. The tiers are the test's own, so that the standard profile may
/// change. FORMAT.md says how the table of a real repository is derived.
@Suite("Golden cuts")
struct GoldenTests {
    @Test("the golden stream is cut where it always was, and the plain rule agrees")
    func cutsAreFrozen() throws {
        let profile = try Profile(tiers: goldenTiers)
        var random = SplitMix64(seed: 2)
        var stream = random.bytes(2_500_000)
        for index in 400_000..<500_000 { stream[index] = 0 }
        #expect(testValues.first == 0x910A_2DEC_8902_5CC1)
        #expect(stream.prefix(4) == [206, 66, 47, 100])
        #expect(cuts(of: stream, profile: profile) == goldenCuts)
        #expect(referenceCuts(of: stream, values: testValues, profile: profile) == goldenCuts)
    }
}

private let goldenTiers = [tier(0, 4096, 16384, 65536, 16, 12), tier(1 << 20, 16384, 65536, 262_144, 18, 14)]

private let goldenCuts = [
    24_136, 41_315, 63_827, 93_103, 115_063, 132_510, 139_503, 155_920, 174_798, 191_809, 216_055, 241_645,
    266_562, 291_445, 308_652, 325_852, 344_789, 366_055, 382_743, 448_279, 503_521, 522_252, 539_164, 559_021,
    590_644, 610_007, 624_567, 637_186, 657_077, 667_831, 689_987, 710_165, 723_416, 742_108, 756_331, 777_118,
    782_097, 799_305, 818_047, 837_141, 857_043, 875_637, 892_594, 911_768, 932_364, 936_888, 962_581, 984_230,
    1_004_225, 1_022_767, 1_043_658, 1_060_416, 1_146_424, 1_242_621, 1_334_459, 1_417_534, 1_491_339,
    1_573_236, 1_618_525, 1_686_968, 1_790_102, 1_877_137, 1_955_173, 1_998_687, 2_035_154, 2_114_964,
    2_182_772, 2_248_815, 2_329_319, 2_422_931, 2_500_000,
]
