import Chunking
import Testing

@Suite("Profile")
struct ProfileTests {
    @Test("the standard tiers pass their own validation")
    func standardIsValid() throws {
        #expect(try Profile(tiers: Profile.standard.tiers) == .standard)
        #expect(Profile.standard.longestChunkBytes == 512 << 10)
    }

    @Test("the limits themselves are allowed")
    func limitsAreAllowed() throws {
        let tiers = (0..<16).map { tier(UInt64($0), 64, 65, 8 << 20, 40, 1) }
        #expect(try Profile(tiers: tiers).tiers == tiers)
        #expect(try Profile(tiers: [tier(0, 64, 65, 66, 1, 1)]).longestChunkBytes == 66)
    }

    @Test("no tiers, and more than sixteen, are refused")
    func numberOfTiers() {
        #expect(throws: ProfileError.noTiers) { try Profile(tiers: []) }
        let tiers = (0..<17).map { tier(UInt64($0), 64, 65, 66, 1, 1) }
        #expect(throws: ProfileError.tooManyTiers(17)) { try Profile(tiers: tiers) }
    }

    @Test("offsets that do not ascend from 0 are refused")
    func offsets() {
        let good = tier(0, 64, 65, 66, 1, 1)
        let later = tier(9, 64, 65, 66, 1, 1)
        #expect(throws: ProfileError.firstTierNotAtZero(9)) { try Profile(tiers: [later]) }
        #expect(throws: ProfileError.offsetsNotAscending(1)) { try Profile(tiers: [good, good]) }
        #expect(throws: ProfileError.offsetsNotAscending(2)) { try Profile(tiers: [good, later, later]) }
    }

    @Test(
        "lengths out of order or bounds are refused",
        arguments: [
            (63, 65, 66), (65, 65, 66), (64, 66, 66), (64, 65, (8 << 20) + 1), (0, 0, 0),
        ] as [(UInt32, UInt32, UInt32)])
    func lengths(minBytes: UInt32, normalBytes: UInt32, maxBytes: UInt32) {
        #expect(throws: ProfileError.lengthsOutOfBounds(tier: 0)) {
            try Profile(tiers: [tier(0, minBytes, normalBytes, maxBytes, 1, 1)])
        }
    }

    @Test(
        "bits out of order or bounds are refused",
        arguments: [(1, 0), (0, 0), (1, 2), (41, 1), (255, 255)] as [(UInt8, UInt8)])
    func bits(hardBits: UInt8, easyBits: UInt8) {
        let good = tier(0, 64, 65, 66, 1, 1)
        #expect(throws: ProfileError.bitsOutOfBounds(tier: 1)) {
            try Profile(tiers: [good, tier(1, 64, 65, 66, hardBits, easyBits)])
        }
    }

    @Test("an error says which tier is wrong")
    func descriptions() {
        let errors: [ProfileError] = [
            .noTiers, .tooManyTiers(17), .firstTierNotAtZero(9), .offsetsNotAscending(3), .lengthsOutOfBounds(tier: 3),
            .bitsOutOfBounds(tier: 3),
        ]
        for error in errors { #expect(error.description.contains("profile")) }
        for error in errors.suffix(3) { #expect(error.description.hasPrefix("tier 3 ")) }
    }
}
