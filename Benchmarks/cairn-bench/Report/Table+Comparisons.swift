import BenchReport

extension Table {
    /// The rows of which there are figures, for tables and pictures of a report.
    var comparisons: [Comparison] { rows.compactMap(comparison) }

    private func comparison(_ row: Row) -> Comparison? {
        let comparison: Comparison
        switch row.step {
        case .growth: comparison = growth(row)
        case .latest: comparison = aging(row)
        default: comparison = work(row)
        }
        return comparison.programs.contains { $0.figures.contains { $0 != nil } } ? comparison : nil
    }

    private func work(_ row: Row) -> Comparison {
        let programs = peers.compactMap { peer -> Comparison.Program? in
            guard let outcome = figures.outcome(row, peer) else { return missing(row, peer) }
            let seconds = outcome.timings.map(\.seconds)
            return Comparison.Program(
                peer.name, isOwn: peer.kind == .cairn,
                [
                    outcome.seconds, outcome.processorSeconds, outcome.repositoryBytes.map(Double.init),
                    Double(outcome.peakBytes),
                ], range: seconds.count > 1 ? (seconds.min() ?? 0)...(seconds.max() ?? 0) : nil)
        }
        return Comparison(
            id: row.id, title: row.title,
            measures: [
                .init("seconds", .seconds, isCompared: true), .init("processor seconds", .seconds, isDrawn: false),
                .init("repository, bytes", .bytes, label: "repository", isCompared: true),
                .init("peak memory, MiB", .memory, label: "peak memory"),
            ], programs: programs)
    }

    private func growth(_ row: Row) -> Comparison {
        let programs = peers.compactMap { peer -> Comparison.Program? in
            guard let growth = figures.growth(row, peer) else { return missing(row, peer) }
            return Comparison.Program(
                peer.name, isOwn: peer.kind == .cairn,
                [growth.seconds, growth.first, growth.total, growth.mean, Double(growth.peakBytes)])
        }
        return Comparison(
            id: row.id, title: row.title,
            measures: [
                .init("seconds", .seconds, isCompared: true), .init("first, bytes", .bytes, isDrawn: false),
                .init("total, bytes", .bytes, label: "repository in the end", isCompared: true),
                .init("mean growth, bytes", .bytes, label: "mean growth", isCompared: true),
                .init("peak memory, MiB", .memory, label: "peak memory", isDrawn: false),
            ], programs: programs)
    }

    private func aging(_ row: Row) -> Comparison {
        let programs = peers.compactMap { peer -> Comparison.Program? in
            guard let aging = figures.aging(row, peer) else { return missing(row, peer) }
            let (grown, new) = (aging.grown.map(\.seconds), aging.new.map(\.seconds))
            return Comparison.Program(peer.name, isOwn: peer.kind == .cairn, [grown.median, new.median, aging.ratio])
        }
        return Comparison(
            id: row.id, title: row.title,
            measures: [
                .init("seconds, from all states", .seconds, label: "from all states", isCompared: true),
                .init("from this one alone", .seconds),
                .init("ratio", .ratio, isDrawn: false),
            ], programs: programs)
    }

    /// A line of nothing for a program that has this work and no figure; nil for one that does not have it.
    private func missing(_ row: Row, _ peer: any Peer) -> Comparison.Program? {
        figures.reason(row, peer) == nil ? nil : Comparison.Program(peer.name, isOwn: peer.kind == .cairn, [])
    }

    // MARK: Words

    /// What a row was measured on, and how often.
    func description(of id: String) -> String {
        guard let row = rows.first(where: { $0.id == id }) else { return "" }
        if row.isOfSeries {
            return GrowthTable(rows: rows, peers: peers, figures: figures, scale: scale).extent(of: row)
        }
        let corpus = figures.corpora[row.corpus]
        let rounds = peers.compactMap { figures.outcome(row, $0)?.timings.count }
        let (least, most) = (rounds.min() ?? 0, rounds.max() ?? 0)
        let runs =
            most == 1 ? "one run each" : "medians of \(least == most ? "\(most)" : "\(least) to \(most)") runs each"
        return "\((corpus?.entries ?? 0).grouped) entries, \((corpus?.bytes ?? 0).grouped) bytes; \(runs)."
    }

    /// Why programs have no figure in a row.
    func remarks(of id: String) -> [String] {
        guard let row = rows.first(where: { $0.id == id }) else { return [] }
        return peers.compactMap { peer in figures.reason(row, peer).map { "\(peer.name): \($0)" } }
    }
}
