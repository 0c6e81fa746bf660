/// What a goal asks, what was reached, and whether that is enough.
struct Verdict {
    let row: Row
    let goal: Goal
    /// Whose figure it is.
    let cairn: String
    /// What it is held against; nil for memory.
    let peer: String?
    let value: Double
    let bound: Double

    var isMet: Bool { goal.isMet(value, bound: bound) }

    /// For example `first snapshot, usr: 2.71 × restic 0.19.1's speed (goal ≥ 2.5) met`.
    var text: String { "\(row.title): \(reached) (goal \(asked)) \(isMet ? "met" : "MISSED")" }

    /// For example `2.71 × the speed of restic 0.19.1`.
    var reached: String {
        switch goal.measure {
        case .speed: "\(value.digits(2)) × the speed of \(peer ?? "")"
        case .seconds: "\(value.digits(2)) × the time of \(peer ?? "")"
        case .size: "\(value.digits(3)) × the size of \(peer ?? "")"
        case .total: "\(value.digits(3)) × the size of \(peer ?? "") after all states"
        case .meanGrowth: "\(value.digits(3)) × the mean growth of \(peer ?? "")"
        case .aged: "\(value.digits(2)) × the time from a repository that holds nothing else"
        case .memory: "\(value.digits(1)) MiB at most, \(cairn)"
        }
    }

    /// For example `≥ 2.50`.
    var asked: String {
        "\(goal.measure == .speed ? "≥" : "≤") \(goal.measure == .memory ? bound.digits(0) : bound.digits(2))"
    }

    /// All that can be said: speeds and sizes of Cairn with a key file, the memory of it with a password too.
    static func all(_ rows: [Row], _ peers: [any Peer], _ figures: Figures) -> [Verdict] {
        var verdicts: [Verdict] = []
        for row in rows {
            for goal in row.goals {
                for cairn in peers where cairn.kind == .cairn {
                    if goal.measure != .memory, (cairn as? CairnPeer)?.hasPassword == true { continue }
                    let others: [(any Peer)?] =
                        goal.peer == nil ? [nil] : peers.filter { $0.kind == goal.peer && !$0.isGrowthOnly }
                    for peer in others {
                        guard let value = goal.value(of: cairn, against: peer, in: row, figures) else { continue }
                        verdicts.append(
                            Verdict(
                                row: row, goal: goal, cairn: cairn.name, peer: peer?.name, value: value,
                                bound: peer.map { goal.bound(against: $0) } ?? goal.bound))
                    }
                }
            }
        }
        return verdicts
    }
}

extension Goal {
    /// Cairn's figure, mostly as a multiple of another program's; nil where one of them has none.
    fileprivate func value(of cairn: any Peer, against peer: (any Peer)?, in row: Row, _ figures: Figures) -> Double? {
        let own = figures.outcome(row, cairn)
        let other = peer.flatMap { figures.outcome(row, $0) }
        let ownGrowth = figures.growth(row, cairn)
        let otherGrowth = peer.flatMap { figures.growth(row, $0) }
        switch measure {
        case .speed: return ratio(other?.seconds, own?.seconds)
        case .seconds: return ratio(own?.seconds, other?.seconds)
        case .size: return ratio(own?.repositoryBytes.map(Double.init), other?.repositoryBytes.map(Double.init))
        case .total: return ratio(ownGrowth?.total, otherGrowth?.total)
        case .meanGrowth: return ratio(ownGrowth?.mean, otherGrowth?.mean)
        case .aged: return figures.aging(row, cairn)?.ratio
        case .memory: return own?.peakMiB
        }
    }

    private func ratio(_ value: Double?, _ other: Double?) -> Double? {
        guard let value, let other else { return nil }
        return value / other
    }
}
