import Glibc
import Posix

/// The commands as a user runs them, beside other programs for the same work: first and further snapshots, reading again,
/// restoring, looking; and how repositories grow with one state of a source after another.
///
/// Every program has a repository and a cache of its own in each round, with its default settings, all on one disk; sources have been read
/// before; what one wrote is on disk before the next begins; another one begins each time. Restored trees are compared with their sources.
struct EndToEnd {
    let options: EndToEndOptions
    let scratch: Path
    let threads: Int

    func run() throws -> Measured {
        Interruption.hold(true)
        // One that has come stays held back, so that the scratch folder is still removed.
        defer { if !Interruption.isSeen { Interruption.hold(false) } }
        try refuseMemory()
        // Reading the corpora for the first time counts too.
        var schedule = Schedule(minutes: options.minutes)
        var found = FoundPeers(cairn: options.cairn, threads: threads, scratch: scratch)
        if let words = options.peers { found.keep(words) }
        let surroundings = Surroundings(place: scratch.parent, cairn: options.cairn, threads: threads)
        for (name, value) in surroundings.facts { print("\(name): \(value)") }
        print("programs: \(found.peers.map(\.name).joined(separator: "; "))")
        let series = try FoundSeries(options, scratch: scratch)
        let absent = found.absent + series.absent
        for text in absent { print("absent: \(text)") }
        var skipped = options.unasked
        let corpora = try usableCorpora(&skipped)
        for text in skipped { print("skipped: \(text)") }
        // What follows is said on standard error.
        fflush(nil)
        var figures = Figures()
        try measure(corpora, found.peers, &schedule, &figures)
        try measure(series.series, found.ofSeries, &schedule, &figures)
        let table = Table(rows: options.rows, peers: found.peers, figures: figures, scale: options.scale)
        print(table.text)
        let sources = Dictionary(uniqueKeysWithValues: corpora.map { ($0.name, $0.sources) })
        return Measured(
            surroundings: surroundings, table: table, programs: found.programs, sources: sources, absent: absent,
            skipped: skipped + schedule.skipped + figures.skipped)
    }

    /// Round for round on all corpora, as long as time is left.
    private func measure(
        _ corpora: [Corpus], _ peers: [any Peer], _ schedule: inout Schedule, _ figures: inout Figures
    ) throws {
        let rounds = options.rounds ?? 3
        let deadline = schedule.deadline
        for number in 0..<rounds {
            for corpus in corpora {
                try schedule.run(corpus.name.rawValue, round: number, of: rounds) {
                    let rows = options.rows.filter { $0.corpus == corpus.name && !$0.isOfSeries }
                    try Round(
                        number: number, corpus: corpus, rows: rows, peers: peers, scratch: scratch, deadline: deadline
                    )
                    .run(into: &figures)
                }
            }
        }
    }

    /// The same of series. They come last: this process grows while it makes them, and what it has had counts as theirs who come
    /// after (see `Child`).
    private func measure(
        _ series: [any Series], _ peers: [any Peer], _ schedule: inout Schedule, _ figures: inout Figures
    ) throws {
        let rounds = options.rounds ?? 1
        let deadline = schedule.deadline
        for number in 0..<rounds {
            for series in series {
                let growth = options.rows.first { $0.step == .growth && $0.corpus == series.name }
                let restore = options.rows.first { $0.step == .latest && series.name == .releases }
                try schedule.run("growth-\(series.name.rawValue)", round: number, of: rounds) {
                    let round = SeriesRound(
                        number: number, series: series, growth: growth, restore: restore, peers: peers,
                        scratch: scratch,
                        deadline: deadline)
                    try round.run(into: &figures)
                }
            }
        }
    }

    /// The corpora of the chosen rows, as far as they are here and there is space for them.
    private func usableCorpora(_ skipped: inout [String]) throws -> [Corpus] {
        var corpora: [(corpus: Corpus, work: Int)] = []
        var seen: Set<Corpus.Name> = []
        for row in options.rows where !row.isOfSeries && seen.insert(row.corpus).inserted {
            guard let corpus = try Corpus.found(row.corpus, in: options.corpora, scratch: scratch) else {
                skipped.append(
                    "all rows of \(row.corpus.rawValue): that corpus is not here; --corpora names a folder with it")
                continue
            }
            let readable = try corpus.readable(scratch: scratch)
            let digest = try readable.digest()
            // All repositories at once, a copy, and what is restored.
            let needed = 6 * digest.bytes
            guard try Folder.freeBytes(scratch) > UInt64(needed) else {
                skipped.append(
                    "all rows of \(row.corpus.rawValue): \(scratch.parent) has not \(needed.grouped) bytes free")
                continue
            }
            let from = readable.sources.map(\.string).joined(separator: " ")
            print("\(row.corpus.rawValue): \(digest.entries.grouped) entries, \(digest.bytes.grouped) bytes, \(from)")
            // One that changes is read again for each of its snapshots.
            corpora.append((readable, digest.bytes * (readable.changes == nil ? 1 : ChangingTree.versions)))
        }
        // The quick ones first, so that a machine that is slow has at least those.
        return corpora.sorted { $0.work < $1.work }.map(\.corpus)
    }

    private func refuseMemory() throws {
        let folder = try FileDescriptor.open(scratch, [.read, .folder])
        if try folder.fileSystem().isMemory {
            throw EndToEndOptions.Wrong(
                description: "\(scratch.parent) is in memory, and figures are of disks: name a folder with --scratch")
        }
    }
}
