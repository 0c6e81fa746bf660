import Posix
import TestSupport

/// One of the six: it runs one command after another, chosen by its seed, and kills some.
struct StormWorker {
    private let storm: Storm
    private let number: Int
    private var chance: SplitMix64
    /// How long the last run of each command took, so that kills fall within it.
    private var microseconds: [String: Int] = [:]

    init(_ storm: Storm, _ number: Int) {
        self.storm = storm
        self.number = number
        chance = SplitMix64(seed: storm.seed &* 1_000 &+ UInt64(number))
    }

    mutating func act() throws {
        switch chance.number(below: 100) {
        case ..<32: try takeSnapshot()
        case ..<44: try restore()
        case ..<54: try forget()
        case ..<60: try forgetByPolicy()
        case ..<70: try undelete()
        case ..<84: try prune()
        case ..<94: try look()
        default: try tag()
        }
    }

    // MARK: Running

    private struct Run {
        let words: [String]
        let code: Int32
        let text: String
        /// Ended by us, so that anything may have been done or not.
        var isCutShort: Bool { code == 128 + 9 || code == 130 }

        /// The ids in this list of the JSON that it printed.
        func ids(in list: String) -> Set<String>? {
            guard let start = text.split(separator: "\"\(list)\":[", maxSplits: 1).dropFirst().first else { return nil }
            let ids = start.split(separator: "\"groups\":", maxSplits: 1)[0].split(separator: "\"id\":\"").dropFirst()
            return Set(ids.map { String($0.prefix { $0 != "\"" }) })
        }
    }

    /// Runs the program to its end, or kills it. Complains of an end that is none of these, and of any that does not say why.
    private mutating func run(
        _ words: [String], killing percent: Int = 18, expecting codes: Set<Int32> = [0], saying reasons: [String] = []
    ) throws -> Run {
        let fate = chance.number(below: 100)
        let moment = fate < percent ? chance.number(below: microseconds[words[0]] ?? 100_000) : Int.max
        let isInterrupt = fate % 4 == 3
        let running = try storm.start(words, for: number)
        let began = Machine.monotonicNanoseconds
        while !running.hasEnded {
            let passed = Int(Machine.monotonicNanoseconds - began) / 1_000
            if passed >= moment {
                if isInterrupt { running.interrupt() } else { running.kill() }
                break
            }
            if passed > 300_000_000 {
                running.kill()
                storm.complain("\(words.joined(separator: " ")): hangs: \(running.lines.suffix(5))")
            }
            RunningProgram.rest(microseconds: min(2_000, max(100, moment - passed)))
        }
        let code = running.wait()
        let text = running.lines.joined(separator: "\n")
        let run = Run(words: words, code: code, text: text)
        if moment == .max { microseconds[words[0]] = Int(Machine.monotonicNanoseconds - began) / 1_000 }
        let isExpected =
            codes.contains(code) && (code == 0 || code == 11 || reasons.contains { text.contains($0) })
        if !isExpected, !(run.isCutShort && moment != .max) {
            storm.complain("\(words.joined(separator: " ")): exit \(code): \(text.suffix(1_500))")
        }
        storm.endings.withLock { $0["\(words[0]) \(code)", default: 0] += 1 }
        return run
    }

    private static let gone = [
        "there is no snapshot", "cannot come back", "has been changed meanwhile", "replaced meanwhile",
        "forgotten meanwhile",
    ]

    /// A snapshot that was reported; its number, id, and whether somebody may have forgotten it.
    private mutating func pick(
        where fits: (StormLedger.Taking) -> Bool = { _ in true }
    ) -> (number: Int, taking: StormLedger.Taking, id: String)? {
        let draw = chance.number(below: 1 << 30)
        return storm.ledger.withLock { ledger in
            guard let number = ledger.any(draw, where: fits), let id = ledger.takings[number].id else { return nil }
            return (number, ledger.takings[number], id)
        }
    }

    /// Whether a run that found a snapshot gone may have been right.
    private func check(_ run: Run, _ number: Int) {
        guard run.code == 1, !storm.ledger.withLock({ $0.takings[number].isDoomed }) else { return }
        storm.complain("\(run.words.joined(separator: " ")): nobody forgot it: \(run.text.suffix(1_000))")
    }

    // MARK: What it does

    private mutating func takeSnapshot() throws {
        let source = storm.sources[chance.number(below: 3) == 0 ? Storm.workers : number]
        try source.change(&chance)
        let isKept = chance.number(below: 3) == 0
        let strategy = ["incremental", "incremental", "incremental", "differential", "full"][chance.number(below: 5)]
        var worker = self
        try source.use { facts in
            guard !facts.isEmpty else { return }
            let number = storm.ledger.withLock { $0.begin(source.path, facts, isKept: isKept) }
            let run = try worker.run(
                [
                    "snapshot", "--json", "--strategy", strategy, "--tag", "run-\(number)", "--tag",
                    isKept ? "keep" : "go", source.path.string,
                ])
            if let id = run.text.split(separator: "\"snapshot_id\":\"").dropFirst().first?.prefix(while: { $0 != "\"" })
            {
                storm.ledger.withLock { $0.taken(number, id: String(id)) }
            }
        }
        self = worker
    }

    private mutating func restore() throws {
        guard let (number, taking, id) = pick() else { return }
        let target = storm.path("back-\(self.number)")
        defer { TemporaryFolder.removeAll(target) }
        let run = try run(
            ["restore", "\(id):\(taking.source.string)", "--target", target.string], expecting: [0, 1],
            saying: Self.gone)
        check(run, number)
        guard run.code == 0 else { return }
        if try TreeFacts.list(target) != taking.facts { storm.complain("restored otherwise: run-\(number) \(id)") }
    }

    private mutating func forget() throws {
        guard let (number, _, id) = pick(where: { !$0.isKept }) else { return }
        let change = storm.ledger.withLock { $0.begin(changing: number, dooms: true) }
        let words = ["forget", "--json"] + (chance.number(below: 2) == 0 ? ["--allow-last"] : []) + [id]
        let run = try run(words, expecting: [0, 1], saying: Self.gone + ["is the last complete one"])
        // Where it is refused nothing is done.
        let ids = run.code == 0 ? run.ids(in: "forgotten") : run.code == 1 ? [] : nil
        storm.ledger.withLock { $0.end(change, .forgotten, ids: ids) }
    }

    private mutating func forgetByPolicy() throws {
        let source = storm.sources[chance.number(below: Storm.workers + 1)].path
        let change = storm.ledger.withLock { $0.begin(policyOn: source) }
        var words = ["forget", "--json", "--tag", "go", "--path", source.string]
        words += ["--keep-last", "\(1 + chance.number(below: 3))"]
        if chance.number(below: 3) == 0 { words.append("--allow-last") }
        let run = try run(words, expecting: [0, 1], saying: Self.gone)
        storm.ledger.withLock { $0.end(change, .forgotten, ids: run.code == 0 ? run.ids(in: "forgotten") : nil) }
    }

    private mutating func undelete() throws {
        guard let (number, _, id) = pick(where: { $0.isDoomed }) else { return }
        let change = storm.ledger.withLock { $0.begin(changing: number, dooms: false) }
        let run = try run(["undelete", "--json", id], expecting: [0, 1], saying: Self.gone)
        let ids = run.code == 0 ? run.ids(in: "brought_back") : run.code == 1 ? [] : nil
        storm.ledger.withLock { $0.end(change, .there, ids: ids) }
    }

    private mutating func prune() throws {
        var words = ["prune", "--json"]
        switch chance.number(below: 5) {
        case ..<3: words.append("--now")
        case 3: words += ["--keep-forgotten", "0h"]
        default: words += ["--keep-forgotten", "7d"]
        }
        words +=
            [["--max-unused", "0"], ["--max-unused", "0"], [], ["--max-repack", "200K"]][chance.number(below: 4)]
        if chance.number(below: 8) == 0 { words.append("--dry-run") }
        _ = try run(words, killing: 35, expecting: [0, 11])
    }

    private mutating func look() throws {
        let draw = chance.number(below: 3)
        if draw == 0 {
            _ = try run(["check"] + (chance.number(below: 2) == 0 ? ["--read-data"] : []))
        } else if draw == 1 {
            _ = try run(["find", "--json", "f\(chance.number(below: 6))"])
        } else if let (number, _, id) = pick() {
            check(try run(["ls", "--json", id], expecting: [0, 1], saying: Self.gone), number)
        }
    }

    private mutating func tag() throws {
        guard let (number, taking, id) = pick() else { return }
        let change = taking.isKept ? nil : storm.ledger.withLock { $0.begin(changing: number, dooms: false) }
        let words = ["tag", "--json", "--add", "seen-\(chance.number(below: 1_000))", id]
        check(try run(words, expecting: [0, 1], saying: Self.gone), number)
        if let change { storm.ledger.withLock { $0.end(change, .there, ids: []) } }
    }
}
