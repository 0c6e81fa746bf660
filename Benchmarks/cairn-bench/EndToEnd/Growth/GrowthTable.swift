/// The figures of series as text: how each repository grew, and what that does to restores.
struct GrowthTable {
    let rows: [Row]
    let peers: [any Peer]
    let figures: Figures
    let scale: Double

    var lines: [String] { rows.flatMap { $0.step == .growth ? growth($0) : $0.step == .latest ? aging($0) : [] } }

    // MARK: Growth

    private func growth(_ row: Row) -> [String] {
        let outcomes = peers.compactMap { peer in figures.growth(row, peer).map { (peer, $0) } }
        guard let states = figures.states[row.corpus], let rounds = outcomes.first?.1.rounds.count else { return [] }
        let own = outcomes.first { $0.0.kind == .cairn }?.1
        let widths = [26, 15, 15, 14, 14, 10, 15, 9, 9]
        let heads = ["", "first", "total", "mean growth", "median", "seconds", "cairn: total", "mean", "median"]
        var lines = ["", "\(row.title) (\(extent(states, row, rounds: rounds)))", Table.line(heads, widths: widths)]
        for (peer, outcome) in outcomes {
            var cells = [
                peer.name, outcome.first.bytes, outcome.total.bytes, outcome.mean.bytes, outcome.median.bytes,
                outcome.seconds.digits(2),
            ]
            if let own, peer.kind != .cairn {
                let ratios = [own.total / outcome.total, own.mean / outcome.mean, own.median / outcome.median]
                cells += ratios.map { "\($0.digits(3)) ×" }
            }
            lines.append(Table.line(cells, widths: widths))
        }
        return lines
    }

    /// What was measured, and how often. The scale belongs to it: small sources show a program's overheads more than its growth.
    private func extent(_ states: [TreeDigest], _ row: Row, rounds: Int) -> String {
        let (least, most) = (states.map(\.bytes).min() ?? 0, states.map(\.bytes).max() ?? 0)
        let sizes = least == most ? most.grouped : "\(least.grouped) to \(most.grouped)"
        return "\(states.count) states of \(sizes) bytes"
            + (isScaled(row) ? ", at \(scale) of the usual size" : "")
            + (rounds > 1 ? "; medians of \(rounds)" : "")
    }

    /// The same for either row of a series; empty where there are no figures.
    func extent(of row: Row) -> String {
        if row.step == .latest {
            guard let (states, turns) = aged(row) else { return "" }
            return extent(states, turns: turns)
        }
        let rounds = peers.compactMap { figures.growth(row, $0)?.rounds.count }.max()
        guard let states = figures.states[row.corpus], let rounds else { return "" }
        return extent(states, row, rounds: rounds)
    }

    /// What is not made, but found, is as large as it is.
    func isScaled(_ row: Row) -> Bool { scale != 1 && row.corpus != .releases && row.corpus != .growth }

    // MARK: Restores

    /// The states behind a restore, and how often it was measured.
    private func aged(_ row: Row) -> ([TreeDigest], Int)? {
        guard let states = figures.states[.releases],
            let turns = peers.compactMap({ figures.aging(row, $0)?.grown.count }).first
        else { return nil }
        return (states, turns)
    }

    private func extent(_ states: [TreeDigest], turns: Int) -> String {
        "\((states.last?.entries ?? 0).grouped) entries, \((states.last?.bytes ?? 0).grouped) bytes, the last of"
            + " \(states.count) states; seconds, medians of \(turns) in turn"
    }

    private func aging(_ row: Row) -> [String] {
        let outcomes = peers.compactMap { peer in figures.aging(row, peer).map { (peer, $0) } }
        guard let (states, turns) = aged(row) else { return [] }
        let heading = "\(row.title), releases (\(extent(states, turns: turns)))"
        let widths = [26, 15, 15, 17, 15, 10]
        let heads = ["", "all states", "of", "only this one", "of", ""]
        return ["", heading, Table.line(heads, widths: widths)]
            + outcomes.map { peer, aging in
                let (grown, new) = (aging.grown.map(\.seconds), aging.new.map(\.seconds))
                let cells = [peer.name, grown.median.digits(3), grown.range, new.median.digits(3), new.range]
                return Table.line(cells + ["\(aging.ratio.digits(2)) ×"], widths: widths)
            }
    }
}

extension Double {
    fileprivate var bytes: String { isFinite ? Int(rounded()).grouped : "–" }
}
