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
    var text: String {
        let figure =
            switch goal.measure {
            case .speed: "\(value.digits(2)) × the speed of \(peer ?? "")"
            case .seconds: "\(value.digits(2)) × the time of \(peer ?? "")"
            case .size: "\(value.digits(3)) × the size of \(peer ?? "")"
            case .memory: "\(value.digits(1)) MiB at most, \(cairn)"
            }
        let sign = goal.measure == .speed ? "≥" : "≤"
        let limit = goal.measure == .memory ? bound.digits(0) : bound.digits(2)
        return "\(row.title): \(figure) (goal \(sign) \(limit)) \(isMet ? "met" : "MISSED")"
    }

    /// All that can be said: speeds and sizes of Cairn with a key file, the memory of it with a password too.
    static func all(_ rows: [Row], _ peers: [any Peer], _ figures: Figures) -> [Verdict] {
        var verdicts: [Verdict] = []
        for row in rows {
            for goal in row.goals {
                for cairn in peers where cairn.kind == .cairn {
                    guard let own = figures.outcome(row, cairn) else { continue }
                    if goal.measure == .memory {
                        verdicts.append(
                            Verdict(
                                row: row, goal: goal, cairn: cairn.name, peer: nil, value: own.peakMiB,
                                bound: goal.bound))
                        continue
                    }
                    if (cairn as? CairnPeer)?.hasPassword == true { continue }
                    for peer in peers where peer.kind == goal.peer {
                        guard let other = figures.outcome(row, peer),
                            let value = goal.value(of: own, against: other)
                        else { continue }
                        verdicts.append(
                            Verdict(
                                row: row, goal: goal, cairn: cairn.name, peer: peer.name, value: value,
                                bound: goal.bound(against: peer)))
                    }
                }
            }
        }
        return verdicts
    }
}

extension Goal {
    /// Cairn's figure as a multiple of another program's.
    fileprivate func value(of own: Figures.Outcome, against other: Figures.Outcome) -> Double? {
        switch measure {
        case .speed: return other.seconds / own.seconds
        case .seconds: return own.seconds / other.seconds
        case .size:
            guard let ownBytes = own.repositoryBytes, let bytes = other.repositoryBytes else { return nil }
            return Double(ownBytes) / Double(bytes)
        case .memory: return own.peakMiB
        }
    }
}
