import Glibc
import Posix

/// One round on one corpus: every program, each in a workplace of its own, first makes its snapshot, then does the rest, row
/// by row. In each row another program begins.
struct Round {
    let number: Int
    let corpus: Corpus
    /// Those of this corpus.
    let rows: [Row]
    let peers: [any Peer]
    let scratch: Path
    /// When no program is started any more.
    let deadline: Deadline

    func run(into figures: inout Figures) throws {
        try corpus.changes?.evolve(to: 0)
        let digest = try corpus.digest()
        figures.begin(corpus.name, as: digest)
        var places: [String: Workplace] = [:]
        defer { for place in places.values { try? place.remove() } }

        // Those that have made their snapshot, or need none.
        var ready: Set<String> = []
        for peer in rotated(by: number) {
            let place = try Workplace(scratch.appending("peer-\(places.count)"), sources: corpus.sources)
            places[peer.name] = place
            if try begin(peer, place, &figures) { ready.insert(peer.name) }
        }
        if let tree = corpus.changes { try makeHistory(of: tree, places, &ready, &figures) }
        for (index, row) in rows.enumerated() where row.step != .first {
            for peer in rotated(by: number + index) where ready.contains(peer.name) {
                guard let place = places[peer.name], let command = peer.command(row.step, in: place),
                    !figures.hasFailed(row, peer)
                else { continue }
                if isTooLate([row], peer, place, &figures) { continue }
                do {
                    if row.step == .restore { try place.clearTarget() }
                    let timing = try time(command, row, peer, place)
                    if row.step == .restore {
                        try TreeDigest(corpus.sources, below: place.target).expect(digest)
                        try place.clearTarget()
                    }
                    figures.add(timing, row, peer)
                    if row.step == .prune { figures.add(repositoryBytes: try place.repositoryBytes(), row, peer) }
                } catch {
                    try Interruption.check()
                    figures.fail(row, peer, "\(error)")
                }
            }
        }
    }

    /// Further snapshots, of which every other one is to be kept, the last among them. Who does not take part leaves the round.
    private func makeHistory(
        of tree: ChangingTree, _ places: [String: Workplace], _ ready: inout Set<String>, _ figures: inout Figures
    ) throws {
        for version in 1..<ChangingTree.versions {
            if deadline.isOver {
                for peer in peers where ready.remove(peer.name) != nil {
                    if let place = places[peer.name] { _ = isTooLate(rows, peer, place, &figures) }
                }
                return
            }
            try tree.evolve(to: version)
            for peer in peers where ready.contains(peer.name) {
                guard let place = places[peer.name],
                    let command = peer.command(version.isMultiple(of: 2) ? .pass : .keep, in: place)
                else {
                    ready.remove(peer.name)
                    continue
                }
                do { _ = try Child.time(command, errors: place.messages) } catch {
                    try Interruption.check()
                    ready.remove(peer.name)
                    for row in rows { figures.fail(row, peer, "\(error)") }
                }
            }
        }
        figures.end(corpus.name, as: try corpus.digest())
    }

    /// Whether time is over; that is noted then for all that the program would have done, unless it did so in an earlier round.
    private func isTooLate(_ rows: [Row], _ peer: any Peer, _ place: Workplace, _ figures: inout Figures) -> Bool {
        guard deadline.isOver else { return false }
        for row in rows where number == 0 && peer.command(row.step, in: place) != nil {
            figures.skip(row, peer, "not begun when \(deadline.minutes.digits(0)) minutes were over")
        }
        return true
    }

    /// Makes the repository and the first snapshot, which counts if it is among the rows. False if that failed.
    private func begin(_ peer: any Peer, _ place: Workplace, _ figures: inout Figures) throws -> Bool {
        guard let command = peer.command(.first, in: place) else { return true }
        let measured = rows.first { $0.step == .first }
        // Who would do nothing with it makes none.
        if measured == nil, !rows.contains(where: { peer.command($0.step, in: place) != nil }) { return false }
        // What copies are for is their time.
        if measured == nil, peer.kind == .copy { return true }
        let row = measured ?? Row(step: .first, corpus: corpus.name)
        if figures.hasFailed(row, peer) { return false }
        if isTooLate(rows, peer, place, &figures) { return false }
        do {
            if let make = peer.command(.make, in: place) {
                _ = try Child.time(make, errors: place.messages)
            } else {
                try Folder.makeAll(place.repository)
            }
            let timing = try time(command, row, peer, place)
            if measured != nil {
                figures.add(timing, row, peer)
                figures.add(repositoryBytes: try place.repositoryBytes(), row, peer)
            }
            // Nothing is restored from them, and they are large.
            if peer.kind == .copy { try FileTree.retire(place.repository) }
            return true
        } catch {
            try Interruption.check()
            figures.fail(row, peer, "\(error)")
            return false
        }
    }

    /// Runs it when all that was written before is on disk, so that nobody pays for another.
    private func time(_ command: Command, _ row: Row, _ peer: any Peer, _ place: Workplace) throws -> Timing {
        sync()
        let timing = try Child.time(command, errors: place.messages)
        try Interruption.check()
        note("\(row.title): \(peer.name) \(timing.seconds.digits(2)) s")
        return timing
    }

    /// To standard error, for those who wait.
    private func note(_ text: String) {
        let line = Array("  round \(number + 1), \(text)\n".utf8)
        _ = write(2, line, line.count)
    }

    private func rotated(by count: Int) -> [any Peer] {
        let start = peers.isEmpty ? 0 : count % peers.count
        return Array(peers[start...] + peers[..<start])
    }
}
