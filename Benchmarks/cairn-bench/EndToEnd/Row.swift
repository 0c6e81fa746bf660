/// A line of the table: some work on some corpus, and what Cairn should reach there.
struct Row {
    let step: Step
    let corpus: Corpus.Name
    var goals: [Goal] = []

    /// What it is called on the command line, for example `first-usr`.
    var id: String {
        let word =
            switch step {
            case .make: "make"
            case .first: "first"
            case .unchanged: "unchanged"
            case .reread: "reread"
            case .restore: "restore"
            case .keep: "keep"
            case .pass: "pass"
            case .check: "check"
            case .prune: "prune"
            case .list: "list"
            case .ls: "ls"
            case .growth: "growth"
            case .latest: "restore"
            }
        return "\(word)-\(corpus.rawValue)"
    }

    var title: String { "\(step.rawValue), \(corpus.rawValue)" }

    /// Whether it is of a series of states: see `Series`.
    var isOfSeries: Bool { step.isOfSeries }

    /// All rows, in the order in which a round works: on each corpus snapshots come first.
    static let all: [Row] = [
        Row(
            step: .first, corpus: .toolchain,
            goals: [.speed(.restic, 2.7, ofOld: 2), .size(.restic, 0.93), .largeMemory]),
        Row(step: .reread, corpus: .toolchain, goals: [.speed(.restic, 1.7), .largeMemory]),
        Row(step: .check, corpus: .toolchain, goals: [.speed(.restic, 1.5), .largeMemory]),
        Row(step: .restore, corpus: .toolchain, goals: [.seconds(.copy, 1.1), .largeMemory]),
        Row(step: .first, corpus: .usr, goals: [.speed(.restic, 2.5), .size(.restic, 0.82), .largeMemory]),
        Row(step: .unchanged, corpus: .usr, goals: [.speed(.restic, 6), .seconds(.walk, 1.5), .largeMemory]),
        Row(step: .list, corpus: .usr, goals: [.smallMemory]),
        Row(step: .ls, corpus: .usr, goals: [.smallMemory]),
        Row(step: .restore, corpus: .usr, goals: [.seconds(.copy, 1.3), .largeMemory]),
        Row(step: .first, corpus: .releases, goals: [.speed(.restic, 2), .size(.restic, 0.3), .largeMemory]),
        Row(step: .first, corpus: .noise, goals: [.largeMemory]),
        Row(step: .prune, corpus: .history, goals: [.speed(.restic, 1.5), .largeMemory]),
        Row(step: .check, corpus: .history, goals: [.speed(.restic, 1.5), .largeMemory]),
        Row(step: .unchanged, corpus: .small, goals: [.smallMemory]),
        Row(step: .list, corpus: .small, goals: [.smallMemory]),
        Row(step: .ls, corpus: .small, goals: [.smallMemory]),
        Row(step: .growth, corpus: .releases, goals: [.total(.restic, 0.3), .meanGrowth(.restic, 0.25)]),
        Row(step: .growth, corpus: .database, goals: [.total(.restic, 0.7), .meanGrowth(.restic, 0.5)]),
        Row(step: .growth, corpus: .log, goals: [.total(.restic, 0.7), .meanGrowth(.restic, 0.5)]),
        Row(step: .growth, corpus: .image, goals: [.total(.restic, 0.7), .meanGrowth(.restic, 0.5)]),
        Row(step: .latest, corpus: .growth, goals: [.aged(1.3)]),
    ]

    /// Those whose names begin with one of some words.
    static func named(_ words: [String]) -> [Row] {
        all.filter { row in words.contains { row.id.hasPrefix($0) } }
    }
}
