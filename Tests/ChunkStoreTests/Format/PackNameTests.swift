import Crypto
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct PackNameTests {
    private let hex = String(repeating: "5d41", count: 16)

    @Test("a pack's path reads as its name")
    func roundTrip() throws {
        var random = SplitMix64(seed: 9)
        for round in 0..<50 {
            let folder = PackName.PackFolder.allCases[round % 2]
            let name = PackName(folder: folder, id: SHA256.digest(random.bytes(4)))
            #expect(PackName(path: name.path) == name)
            #expect(name.path.hasPrefix("packs/\(folder.letter)/\(name.id.hex.prefix(2))/"))
            #expect(PackName(claimed: "\(folder.letter) \(name.id.hex)") == name)
        }
    }

    @Test("a file under a name of another shape is no pack")
    func refused() {
        #expect(PackName(path: "packs/d/5d/\(hex)") != nil)
        for path in [
            "", "/", "packs", "packs/d/5d", "packs/d/\(hex)", "packs/x/5d/\(hex)", "packs/d/5e/\(hex)",
            "packs/d/5d4/\(hex)", "packs/d/5/\(hex)", "packs/d//\(hex)", "packs/d/5d/\(hex)/", "/packs/d/5d/\(hex)",
            "packs/d/5d/\(hex).tmp", "packs/d/5d/\(hex.dropLast())", "packs/d/5D/\(hex.uppercased())",
            "condemned/d/5d/\(hex)", "packs/d/5d/5d\(String(repeating: "é", count: 31))", "packs/dd/5d/\(hex)",
        ] {
            #expect(PackName(path: path) == nil, "\(path)")
        }
        for claim in ["", "d", "d ", " \(hex)", "d  \(hex)", "d \(hex) ", "q \(hex)", "d \(hex.dropLast())"] {
            #expect(PackName(claimed: claim) == nil, "\(claim)")
        }
    }
}
