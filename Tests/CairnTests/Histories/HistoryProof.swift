import Cairn
import ChunkStore
import Posix
import TestSupport

/// Proves that a repository is whole and gives back what was put into it: lists what a ledger says, passes a check of all its bytes, and every snapshot that can still be
/// read, forgotten or not, is what was on the disk when it was taken.
struct HistoryProof {
    let store: Store
    let ledger: HistoryLedger
    /// Where one snapshot is restored to; what an earlier restore left may be there.
    let target: Path

    /// All that is wrong.
    func problems(_ chance: inout SplitMix64) -> [String] {
        let request = RestoreChoice(ledger, &chance)
        var problems: [String] = []
        func note(_ what: String, _ body: () throws -> [String]) {
            do { problems += try body().map { "\(what): \($0)" } } catch { problems += Self.words(of: error, in: what) }
        }
        note("lists", lists)
        note("check", check)
        note("reading") { try read(request) }
        return problems
    }

    private func lists() throws -> [String] {
        var problems: [String] = []
        let list = try SnapshotList(store)
        let forgotten = try ForgottenList(store, beside: list)
        for (what, list, presence) in [
            ("those that are there", list, HistoryLedger.Presence.there), ("forgotten", forgotten.list, .forgotten),
        ] {
            problems += (list.failures + list.healed).map { "\(what): \($0)" }
            let expected = ledger.numbers(presence).map { ledger.takings[$0].snapshot }
            if Set(list.snapshots) != Set(expected) {
                problems.append("\(what): \(list.snapshots.map(\.id.short)), not \(expected.map(\.id.short))")
            }
        }
        return problems
    }

    private func check() throws -> [String] {
        var problems: [String] = []
        let summary = try RepositoryCheck(store, CheckRequest(data: .all)).run { event in
            switch event {
            case .finding(let finding): problems.append("\(finding.weight) \(finding.kind): \(finding.message)")
            case .damaged(let item): problems.append("damaged in \(item.snapshot.short): \(item.path)")
            }
        }
        let count = ledger.readable.count
        if summary.snapshots != count { problems.append("\(summary.snapshots) snapshots, not \(count)") }
        if summary.packsGood != summary.packs {
            problems.append("\(summary.packsGood) of \(summary.packs) packs are good")
        }
        return problems
    }

    private func read(_ choice: RestoreChoice?) throws -> [String] {
        let reader = try store.reader()
        defer { reader.close() }
        let trees = TreeReader(reader)
        var contents = ReadContents()
        var problems: [String] = []
        for number in ledger.readable {
            let taking = ledger.takings[number]
            do {
                let entry = try source(of: taking, trees)
                let found = try TreeState(of: entry, trees, &contents)
                problems += taking.state.differences(of: found).map { "snapshot \(number): \($0)" }
            } catch { problems += Self.words(of: error, in: "snapshot \(number)") }
        }
        if let choice {
            do { problems += try restore(choice, reader, trees) } catch {
                problems += Self.words(of: error, in: "restoring snapshot \(choice.number)")
            }
        }
        return problems
    }

    private static func words(of error: any Error, in what: String) -> [String] {
        ((error as? HistoryTrouble)?.problems ?? ["\(error)"]).map { "\(what): \($0)" }
    }

    private func source(of taking: HistoryLedger.Taking, _ trees: TreeReader) throws -> TreeEntry {
        let root = try trees.root(taking.snapshot.manifest.tree)
        guard let entry = try trees.entry(at: taking.source, below: root) else {
            throw HistoryTrouble("its source is not in it")
        }
        return entry
    }

    // MARK: Restoring

    /// Which snapshot is restored, and how.
    private struct RestoreChoice {
        let number: Int
        let isAnew: Bool
        let isAtomic: Bool
        let isSparse: Bool

        init?(_ ledger: HistoryLedger, _ chance: inout SplitMix64) {
            let readable = ledger.readable
            guard !readable.isEmpty else { return nil }
            number = readable[chance.number(below: readable.count)]
            isAnew = chance.number(below: 2) == 0
            isAtomic = chance.number(below: 4) == 0
            isSparse = chance.number(below: 4) == 0
        }
    }

    /// Restores a snapshot, into nothing or over what is there already.
    private func restore(_ choice: RestoreChoice, _ reader: ChunkReader, _ trees: TreeReader) throws -> [String] {
        let taking = ledger.takings[choice.number]
        if choice.isAnew { TemporaryFolder.removeAll(target) }
        var request = RestoreRequest(entry: try source(of: taking, trees), path: taking.source, target: target)
        (request.deletes, request.isAtomic, request.isSparse) = (true, choice.isAtomic, choice.isSparse)
        (request.threads, request.verifies) = (2, true)
        let failures = Monitor<[ItemFailure]>([])
        let summary = try Restoration(reader, request).run(onFailure: { failure in
            failures.withLock { $0.append(failure) }
        })
        var problems = failures.withLock { $0.map { "\($0)" } }
        if summary.filesVerified != taking.state.fileCount {
            problems.append("\(summary.filesVerified) files verified, not \(taking.state.fileCount)")
        }
        problems += taking.state.differences(of: try TreeState(readingFrom: target))
        let way = choice.isAnew ? "anew" : "over what was there"
        return problems.map { "snapshot \(choice.number) restored \(way): \($0)" }
    }
}
