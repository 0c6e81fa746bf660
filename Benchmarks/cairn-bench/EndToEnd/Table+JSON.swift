extension Table {
    /// Every single figure, the medians, and the verdicts.
    var json: [(String, JSON)] {
        [
            ("rows", .list(rows.compactMap(json))),
            ("goals", .list(Verdict.all(rows, peers, figures).map(json))),
            ("left_out", .list(figures.failures.map { .text($0) })),
        ]
    }

    private func json(_ row: Row) -> JSON? {
        if row.isOfSeries { return GrowthTable(rows: rows, peers: peers, figures: figures, scale: scale).json(row) }
        let outcomes = peers.compactMap { peer in figures.outcome(row, peer).map { json(peer, $0) } }
        guard !outcomes.isEmpty, let corpus = figures.corpora[row.corpus] else { return nil }
        return .object([
            ("id", .text(row.id)), ("work", .text(row.step.rawValue)), ("corpus", .text(row.corpus.rawValue)),
            ("corpus_entries", .integer(corpus.entries)), ("corpus_bytes", .integer(corpus.bytes)),
            ("corpus_digest", .text(corpus.digest)), ("programs", .list(outcomes)),
        ])
    }

    private func json(_ peer: any Peer, _ outcome: Figures.Outcome) -> JSON {
        var fields: [(String, JSON)] = [
            ("name", .text(peer.name)), ("kind", .text(peer.kind.rawValue)),
            ("seconds", .number(outcome.seconds)), ("processor_seconds", .number(outcome.processorSeconds)),
            ("peak_bytes", .integer(outcome.peakBytes)),
        ]
        if let bytes = outcome.repositoryBytes { fields.append(("repository_bytes", .integer(bytes))) }
        fields.append(("seconds_of_each_round", .list(outcome.timings.map { .number($0.seconds) })))
        return .object(fields)
    }

    private func json(_ verdict: Verdict) -> JSON {
        var fields: [(String, JSON)] = [("row", .text(verdict.row.id)), ("cairn", .text(verdict.cairn))]
        if let peer = verdict.peer { fields.append(("against", .text(peer))) }
        fields += [
            ("measure", .text(verdict.goal.measure.rawValue)), ("value", .number(verdict.value)),
            ("goal", .number(verdict.bound)), ("met", .truth(verdict.isMet)),
        ]
        return .object(fields)
    }
}
