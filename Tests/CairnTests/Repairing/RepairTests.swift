import ChunkStore
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Repairing a repository")
struct RepairTests {
    /// The scenes of a case, plain and encrypted where both can be.
    private func scenes(
        _ damage: DamageCase, _ body: (CheckScene, RepairCase, CheckScene.Copy) throws -> Void
    ) throws {
        let expected = try #require(RepairCase.table[damage.name], "the table does not say what repair achieves")
        for encrypted in damage.encrypted {
            let scene = try CheckScene(encrypted: encrypted)
            let copy = try scene.copied()
            try damage.hurt(scene)
            try body(scene, expected, copy)
        }
    }

    @Test("by itself it heals what the table says, and a second repair finds no more", arguments: DamageCase.table)
    func alone(_ damage: DamageCase) throws {
        try scenes(damage) { scene, expected, _ in
            let before = try scene.readable()
            let repaired = try scene.repair()
            #expect(repaired.code == expected.alone && repaired.findings == expected.findings)
            #expect(try scene.readable().keeps(before))
            let again = try scene.repair()
            #expect(again.code == (expected.alone == 4 ? 0 : expected.alone), "\(again.findings)")
            #expect(again.summary.packs.replaced == 0)
        }
    }

    @Test("a dry run says the same as the repair after it, and writes nothing", arguments: DamageCase.table)
    func dryRun(_ damage: DamageCase) throws {
        try scenes(damage) { scene, expected, copy in
            let before = try scene.contents()
            let store = try copy.open()
            for acceptsLoss in [false, true] {
                let rehearsed = try scene.repair { request in
                    request.isRehearsal = true
                    request.acceptsLoss = acceptsLoss
                    request.recoversTrees = true
                }
                #expect(rehearsed.code == (acceptsLoss ? expected.accepting : expected.alone))
            }
            let rehearsed = try scene.repair { request in
                request.isRehearsal = true
                request.sources = [store]
            }
            if let fromCopy = expected.fromCopy, damage.name != "a pack is missing" {
                // What trees name that would be found first is not known yet; that something can be healed is.
                #expect(rehearsed.code == fromCopy || rehearsed.findings.contains("missing healed"))
            }
            #expect(try scene.contents() == before)
        }
    }

    @Test("what a copy has comes back from there, trees first, and then all is as it was", arguments: DamageCase.table)
    func fromCopy(_ damage: DamageCase) throws {
        try scenes(damage) { scene, expected, copy in
            guard let code = expected.fromCopy else { return }
            let before = try CheckScene(encrypted: !scene.repository.credentials.isEmpty).readable()
            let store = try copy.open()
            let repaired = try scene.repair { $0.sources = [store] }
            #expect(repaired.code == code && repaired.summary.lostChunks == 0, "\(repaired.findings)")
            #expect(repaired.summary.foundChunks == repaired.summary.missingChunks)
            #expect(try scene.readable() == before)
            #expect(try scene.repair().code == 0)
            try scene.prune()
            #expect(try scene.check(data: .all).answer == .clean)
        }
    }

    @Test("with losses accepted every snapshot that is left can be restored whole", arguments: DamageCase.table)
    func accepting(_ damage: DamageCase) throws {
        try scenes(damage) { scene, expected, _ in
            let before = try scene.readable()
            let repaired = try scene.repair { $0.acceptsLoss = true }
            #expect(repaired.code == expected.accepting, "\(repaired.findings)")
            let after = try scene.readable()
            #expect(after.keeps(before))
            if expected.checkedAfterwards == 0 { #expect(after.broken.isEmpty) }
            #expect(try scene.repair().code == (expected.accepting == 4 ? 0 : expected.accepting))
            guard expected.isPruned else { return }
            try scene.prune()
            #expect(try scene.readable() == after)
            #expect(try scene.check(data: .all).answer.code == expected.checkedAfterwards)
        }
    }

    @Test(
        "a repair never ends better than the check after it, of the structure and of all data, whatever it may do",
        arguments: DamageCase.table)
    func promise(_ damage: DamageCase) throws {
        for mode in ["alone", "from a copy", "accepting", "recovering"] {
            try scenes(damage) { scene, _, copy in
                let before = try scene.check().answer.code
                let store = try copy.open()
                let repaired = try scene.repair(remembers: true) { request in
                    if mode == "from a copy" { request.sources = [store] }
                    request.acceptsLoss = mode == "accepting"
                    request.recoversTrees = mode == "recovering"
                }
                let after = try scene.check(data: .all).answer
                let codes = "\(mode): check \(before), repair \(repaired.code), check \(after)"
                #expect(repaired.code >= (before == 5 ? 4 : 0), "\(codes)")
                // What is healed is healed, and what is left is found again.
                #expect(after.code == (repaired.code == 5 ? 5 : 0), "\(codes), \(repaired.findings)")
                let again = try scene.repair(remembers: true)
                #expect(again.code == (repaired.code == 5 ? 5 : 0), "\(codes), then \(again.findings)")
            }
        }
    }

    @Test(
        "a catalog that is wrong is made anew", arguments: DamageCase.table.filter { $0.name.contains("the catalog") })
    func catalog(_ damage: DamageCase) throws {
        try scenes(damage) { scene, _, _ in
            let repaired = try scene.repair(remembers: true)
            #expect(repaired.code == 4 && repaired.findings == ["catalog healed"])
            #expect(try scene.repair(remembers: true).code == 0)
        }
    }

    @Test("what a catalog still knows of a pack without a readable directory is saved", arguments: [-60, -38])
    func remembered(_ offset: Int) throws {
        for encrypted in [false, true] {
            let scene = try CheckScene(encrypted: encrypted)
            let whole = try scene.readable()
            try scene.repository.open().synchronize()
            try scene.flip(scene.packs[0], at: offset)
            let repaired = try scene.repair(remembers: true)
            #expect(repaired.code == 4 && repaired.summary.packs.copiedChunks > 3, "\(repaired.findings)")
            #expect(try scene.readable() == whole)
            try scene.prune()
            #expect(try scene.check(data: .all).answer == .clean)
        }
    }
}
