import ChunkStore
import Testing

@testable import Cairn

/// Whether a prune runs for each way in which a repository can be hurt (``DamageCase``): nil where it does all its work, else the code of
/// the error with which it ends, and then it has taken nothing away that can be read.
struct PruneCase: Sendable {
    /// Where every snapshot stands.
    let standing: CairnError.Code?
    /// Where the first one was forgotten, and its grace is over: what the second shares with it must be copied out of its pack.
    let forgotten: CairnError.Code?

    /// Nothing that it needs to read is hurt: what is will be found by a check.
    static let runs = PruneCase(standing: nil, forgotten: nil)
    /// Nobody can tell what a tree needs that cannot be read, or what lies in a pack whose directory cannot.
    static let refuses = PruneCase(standing: .damaged, forgotten: .damaged)
    /// Only what is copied is read.
    static let refusesToCopy = PruneCase(standing: nil, forgotten: .damaged)

    /// In which of two packs a chunk is read is left to chance where nothing is known of either.
    static let depends: Set<String> = ["chunks lie in two packs, of which one has a damaged block"]

    /// All others run.
    static let table: [String: PruneCase] = [
        "a pack is missing": .refuses,
        "a pack ends too early": .refuses,
        "a pack is empty": .refuses,
        "a pack has another repository's content": .refuses,
        "a bit of a pack's magic is flipped": .refuses,
        "a bit of a pack's salt is flipped": .refuses,
        "a bit of a pack's directory is flipped": .refuses,
        "a bit of a pack's trailer is flipped": .refuses,
        "a bit of a block of data is flipped": .refusesToCopy,
        "a bit of a block that was not compressed is flipped": .refusesToCopy,
        "a snapshot's tree is nowhere": .refuses,
        "a directory's page makes no sense": .refuses,
        // What it needs cannot be told as long as it stands; once forgotten it is given up.
        "both copies of a manifest are damaged": PruneCase(standing: .damaged, forgotten: nil),
    ]
}

@Suite("Pruning a damaged repository")
struct PruneTableTests {
    @Test("a prune runs or refuses as the table says, and what could be read still can", arguments: DamageCase.table)
    func prune(_ damage: DamageCase) throws {
        let expected = PruneCase.table[damage.name] ?? .runs
        for encrypted in damage.encrypted {
            for isForgotten in [false, true] {
                let scene = try CheckScene(encrypted: encrypted)
                try damage.hurt(scene)
                if isForgotten {
                    try? scene.openToRepair().forgetRoot(scene.first.manifestID)
                }
                let before = try scene.readable()
                let (code, outcome) = try scene.pruneOutcome()
                let isChance = PruneCase.depends.contains(damage.name) && code == .damaged
                #expect(
                    isChance || code == (isForgotten ? expected.forgotten : expected.standing),
                    "\(isForgotten): \(outcome ?? "")")
                #expect(try scene.readable().keeps(before))
            }
        }
    }
}

extension CheckScene {
    fileprivate func pruneOutcome() throws -> (CairnError.Code?, String?) {
        do {
            try prune()
            return (nil, nil)
        } catch let error as CairnError { return (error.code, error.message + " | " + (error.remedy ?? "")) }
    }
}
