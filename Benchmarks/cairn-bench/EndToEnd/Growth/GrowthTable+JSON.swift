extension GrowthTable {
    /// Every single figure of a row; nil where there are none.
    func json(_ row: Row) -> JSON? {
        let programs = peers.compactMap { row.step == .growth ? growth(row, $0) : aging(row, $0) }
        let series = row.step == .growth ? row.corpus : .releases
        guard !programs.isEmpty, let states = figures.states[series] else { return nil }
        return .object([
            ("id", .text(row.id)), ("work", .text(row.step.rawValue)), ("corpus", .text(row.corpus.rawValue)),
            ("scale", .number(isScaled(row) ? scale : 1)), ("states", .list(states.map(json))),
            ("programs", .list(programs)),
        ])
    }

    private func json(_ state: TreeDigest) -> JSON {
        .object([
            ("entries", .integer(state.entries)), ("bytes", .integer(state.bytes)), ("digest", .text(state.digest)),
        ])
    }

    private func growth(_ row: Row, _ peer: any Peer) -> JSON? {
        guard let growth = figures.growth(row, peer) else { return nil }
        return .object([
            ("name", .text(peer.name)), ("kind", .text(peer.kind.rawValue)), ("first_bytes", .number(growth.first)),
            ("total_bytes", .number(growth.total)), ("mean_growth_bytes", .number(growth.mean)),
            ("median_growth_bytes", .number(growth.median)), ("seconds", .number(growth.seconds)),
            ("peak_bytes", .integer(growth.peakBytes)),
            (
                "repository_bytes_after_each",
                .list(growth.rounds.map { .list($0.repositoryBytes.map { .integer($0) }) })
            ),
            ("seconds_of_each", .list(growth.rounds.map { seconds($0.timings) })),
        ])
    }

    private func aging(_ row: Row, _ peer: any Peer) -> JSON? {
        guard let aging = figures.aging(row, peer) else { return nil }
        return .object([
            ("name", .text(peer.name)), ("kind", .text(peer.kind.rawValue)), ("ratio", .number(aging.ratio)),
            ("seconds_from_all_states", seconds(aging.grown)), ("seconds_from_one_state", seconds(aging.new)),
        ])
    }

    private func seconds(_ timings: [Timing]) -> JSON { .list(timings.map { .number($0.seconds) }) }
}
