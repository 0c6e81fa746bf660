import Glibc
import Posix

/// One round of a series: in each state every program takes a snapshot, another one first each time. In the end each
/// restores the last state, which is compared.
struct SeriesRound {
    let number: Int
    let series: any Series
    /// Nil where only restores count.
    let growth: Row?
    /// Nil where restores are not measured.
    let restore: Row?
    let peers: [any Peer]
    let scratch: Path
    let deadline: Deadline

    /// From each of the two repositories.
    private static let restores = 5

    /// A program with its repository.
    private struct Member {
        let peer: any Peer
        let place: Workplace
        var growth = Growth()
        var hasFailed = false
    }

    func run(into figures: inout Figures) throws {
        var members: [Member] = []
        defer { for member in members { try? member.place.remove() } }
        for peer in peers {
            let place = try Workplace(scratch.appending("series-\(members.count)"), sources: [series.source])
            var member = Member(peer: peer, place: place)
            guard peer.command(.growth, in: place) != nil, !rows.contains(where: { figures.hasFailed($0, peer) }) else {
                try place.remove()
                continue
            }
            try attempt(&member, &figures) { member in try run(.make, member.peer, member.place) }
            members.append(member)
        }
        if members.isEmpty { return }
        var states: [TreeDigest] = []
        for state in 0..<series.states {
            // Half a series tells nothing.
            if deadline.isOver { return giveUp(members, &figures) }
            try series.lay(state)
            // It reads all, so that everybody finds it in memory.
            states.append(try TreeDigest([series.source]))
            for index in members.indices.map({ ($0 + number + state) % members.count }) {
                try attempt(&members[index], &figures) { try snapshot(&$0, state) }
            }
        }
        figures.add(states, of: series.name)
        for index in members.indices {
            var aging = Aging()
            try attempt(&members[index], &figures) { aging = try restores(of: states[states.count - 1], $0) }
            if members[index].hasFailed { continue }
            if let growth { figures.add(members[index].growth, growth, members[index].peer) }
            if let restore { figures.add(aging, restore, members[index].peer) }
        }
        try FileTree.remove(series.source)
    }

    private var rows: [Row] { [growth, restore].compactMap(\.self) }

    private func giveUp(_ members: [Member], _ figures: inout Figures) {
        for row in rows where number == 0 {
            for member in members {
                figures.skip(row, member.peer, "not finished when \(deadline.minutes.digits(0)) minutes were over")
            }
        }
    }

    /// Does a part of the work for a program that has not failed yet.
    private func attempt(
        _ member: inout Member, _ figures: inout Figures, _ work: (inout Member) throws -> Void
    ) throws {
        if member.hasFailed { return }
        do { try work(&member) } catch {
            try Interruption.check()
            member.hasFailed = true
            for row in rows { figures.fail(row, member.peer, "\(error)") }
        }
    }

    private func snapshot(_ member: inout Member, _ state: Int) throws {
        guard let timing = try run(.growth, member.peer, member.place) else { return }
        let bytes = try member.place.repositoryBytes()
        member.growth.add(bytes, timing)
        note("state \(state + 1): \(member.peer.name) \(timing.seconds.digits(2)) s, \(bytes.grouped) bytes")
    }

    /// Restores the last state, once for the proof, or, where that is measured, in turn with a repository into which nothing else went.
    private func restores(of digest: TreeDigest, _ member: Member) throws -> Aging {
        var aging = Aging()
        guard restore != nil else {
            _ = try restored(digest, member.peer, member.place)
            return aging
        }
        let new = try Workplace(scratch.appending("series-new"), sources: [series.source])
        defer { try? new.remove() }
        try run(.make, member.peer, new)
        try run(.growth, member.peer, new)
        for turn in 0..<Self.restores {
            if turn.isMultiple(of: 2) { aging.new.append(try restored(digest, member.peer, new)) }
            aging.grown.append(try restored(digest, member.peer, member.place))
            if !turn.isMultiple(of: 2) { aging.new.append(try restored(digest, member.peer, new)) }
        }
        note("restore: \(member.peer.name) \(aging.ratio.digits(2)) × that from a new repository")
        return aging
    }

    private func restored(_ digest: TreeDigest, _ peer: any Peer, _ place: Workplace) throws -> Timing {
        try place.clearTarget()
        guard let timing = try run(.latest, peer, place) else { throw HasNoRestore() }
        try TreeDigest(place.sources, below: place.target).expect(digest)
        try place.clearTarget()
        return timing
    }

    private struct HasNoRestore: Error, CustomStringConvertible {
        var description: String { "it has no restore of the newest" }
    }

    /// Runs a step when all that was written before is on disk; nil where a program has no such step.
    @discardableResult
    private func run(_ step: Step, _ peer: any Peer, _ place: Workplace) throws -> Timing? {
        guard let command = peer.command(step, in: place) else { return nil }
        sync()
        let timing = try Child.time(command, errors: place.messages)
        try Interruption.check()
        return timing
    }

    /// To standard error, for those who wait.
    private func note(_ text: String) {
        let line = Array("  round \(number + 1), growth-\(series.name.rawValue), \(text)\n".utf8)
        _ = write(2, line, line.count)
    }
}
