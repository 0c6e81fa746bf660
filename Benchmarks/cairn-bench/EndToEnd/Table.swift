/// The figures as text: a table for each row, then goals and verdicts.
struct Table {
    let rows: [Row]
    let peers: [any Peer]
    let figures: Figures
    /// Of the sources that series make.
    let scale: Double

    var text: String {
        var lines: [String] = []
        for row in rows where !row.isOfSeries {
            let outcomes = peers.compactMap { peer in figures.outcome(row, peer).map { (peer, $0) } }
            if outcomes.isEmpty { continue }
            lines += ["", heading(row, rounds: outcomes.map { $0.1.timings.count }.max() ?? 0)]
            lines.append(
                line(["", "seconds", "of", "processor s", "peak MiB", "repository", "cairn: speed", "size"]))
            let own = outcomes.first { $0.0.kind == .cairn }?.1
            for (peer, outcome) in outcomes { lines.append(line(peer, outcome, own)) }
        }
        lines += GrowthTable(rows: rows, peers: peers, figures: figures, scale: scale).lines
        lines += ["", "Goals"]
        lines += Verdict.all(rows, peers, figures).map { "  \($0.text)" }
        if !figures.failures.isEmpty { lines += ["", "Left out"] + figures.failures.map { "  \($0)" } }
        return lines.joined(separator: "\n")
    }

    private func heading(_ row: Row, rounds: Int) -> String {
        let corpus = figures.corpora[row.corpus]
        return "\(row.title) (\((corpus?.entries ?? 0).grouped) entries, \((corpus?.bytes ?? 0).grouped) bytes;"
            + " medians of \(rounds))"
    }

    /// `own` is what Cairn did, the first of its lines.
    private func line(_ peer: any Peer, _ outcome: Figures.Outcome, _ own: Figures.Outcome?) -> String {
        let seconds = outcome.timings.map(\.seconds)
        var speed = ""
        var size = ""
        if let own, peer.kind != .cairn {
            speed = "\((outcome.seconds / own.seconds).digits(2)) ×"
            if let ownBytes = own.repositoryBytes, let bytes = outcome.repositoryBytes {
                size = "\((Double(ownBytes) / Double(bytes)).digits(3)) ×"
            }
        }
        return line([
            peer.name, outcome.seconds.digits(3), seconds.range, outcome.processorSeconds.digits(2),
            outcome.peakMiB.digits(1), outcome.repositoryBytes.map(\.grouped) ?? "", speed, size,
        ])
    }

    private func line(_ cells: [String]) -> String { Self.line(cells, widths: [30, 9, 15, 13, 10, 15, 14, 11]) }

    /// The first cell begins on the left, the others end on the right.
    static func line(_ cells: [String], widths: [Int]) -> String {
        var text = zip(cells, widths).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return index == 0 ? cell.0 + padding : padding + cell.0
        }.joined()
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension Int {
    /// With a comma before each three digits.
    var grouped: String {
        let digits = String(magnitude)
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}

extension [Double] {
    /// The least and the most.
    var range: String { "\((self.min() ?? 0).digits(2))–\((self.max() ?? 0).digits(2))" }
}
