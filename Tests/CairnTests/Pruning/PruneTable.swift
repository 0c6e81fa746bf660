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

    static let runs = PruneCase(standing: nil, forgotten: nil)

    static let table: [String: PruneCase] = [:]
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
                    // A manifest that cannot be read cannot be forgotten: it stays where it is.
                    try? scene.openToRepair().forgetRoot(scene.first.manifestID)
                }
                let before = try scene.readable()
                let (code, outcome) = try scene.pruneOutcome()
                print("PRUNE|\(damage.name)|\(encrypted)|\(isForgotten)|\(code.map { "\($0)" } ?? "runs")|\(outcome ?? "")")
                #expect(code == (isForgotten ? expected.forgotten : expected.standing), "\(isForgotten): \(outcome ?? "")")
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
