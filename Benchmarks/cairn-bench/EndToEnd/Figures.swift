/// What was measured, and what failed.
struct Figures {
    private struct Key: Hashable {
        let row: String
        let peer: String
    }

    private var timings: [Key: [Timing]] = [:]
    private var sizes: [Key: [Int]] = [:]
    private var growths: [Key: [Growth]] = [:]
    private var agings: [Key: Aging] = [:]
    private var failed: Set<Key> = []
    /// Why a program has no figure in a row where it might have one.
    private var reasons: [Key: String] = [:]
    /// Programs that time was not left for, by rows and reasons in their order.
    private var unmeasured: [(text: String, peers: [String])] = []
    /// Each failure's text, once.
    private(set) var failures: [String] = []
    /// What each corpus was when a round began.
    private(set) var corpora: [Corpus.Name: TreeDigest] = [:]
    /// What those that change had become when its last snapshot was taken.
    private var ends: [Corpus.Name: TreeDigest] = [:]
    private(set) var states: [Corpus.Name: [TreeDigest]] = [:]

    mutating func add(_ timing: Timing, _ row: Row, _ peer: any Peer) {
        timings[Key(row: row.id, peer: peer.name), default: []].append(timing)
    }

    mutating func add(repositoryBytes: Int, _ row: Row, _ peer: any Peer) {
        sizes[Key(row: row.id, peer: peer.name), default: []].append(repositoryBytes)
    }

    /// Takes note of what a corpus is when a round begins, which must be the same in all of them.
    mutating func begin(_ corpus: Corpus.Name, as digest: TreeDigest) {
        expect(digest, like: corpora.updateValue(digest, forKey: corpus), corpus)
    }

    /// The same for what one that changes has become.
    mutating func end(_ corpus: Corpus.Name, as digest: TreeDigest) {
        expect(digest, like: ends.updateValue(digest, forKey: corpus), corpus)
    }

    private mutating func expect(_ digest: TreeDigest, like before: TreeDigest?, _ corpus: Corpus.Name) {
        if let before, before != digest {
            fail("\(corpus.rawValue) has changed between rounds; its figures do not belong together")
        }
    }

    mutating func add(_ growth: Growth, _ row: Row, _ peer: any Peer) {
        growths[Key(row: row.id, peer: peer.name), default: []].append(growth)
    }

    mutating func add(_ aging: Aging, _ row: Row, _ peer: any Peer) {
        agings[Key(row: row.id, peer: peer.name), default: Aging()].add(aging)
    }

    /// The states that a series went through in a round; that of the last counts.
    mutating func add(_ states: [TreeDigest], of series: Corpus.Name) { self.states[series] = states }

    /// What a program did in a row does not count any more: it failed there.
    mutating func fail(_ row: Row, _ peer: any Peer, _ message: String) {
        let key = Key(row: row.id, peer: peer.name)
        timings[key] = nil
        sizes[key] = nil
        growths[key] = nil
        agings[key] = nil
        failed.insert(key)
        reasons[key] = message
        fail("\(peer.name), \(row.title): \(message)")
    }

    /// Takes note of why a program was not measured in a row; no fault of its own.
    mutating func skip(_ row: Row, _ peer: any Peer, _ reason: String) {
        reasons[Key(row: row.id, peer: peer.name)] = reason
        let text = "\(row.title): \(reason)"
        if let index = unmeasured.firstIndex(where: { $0.text == text }) {
            unmeasured[index].peers.append(peer.name)
        } else {
            unmeasured.append((text, [peer.name]))
        }
    }

    /// What was not measured for want of time, a text for each row.
    var skipped: [String] { unmeasured.map { "\($0.text): \($0.peers.joined(separator: "; "))" } }

    func reason(_ row: Row, _ peer: any Peer) -> String? { reasons[Key(row: row.id, peer: peer.name)] }

    mutating func fail(_ text: String) {
        if !failures.contains(text) { failures.append(text) }
    }

    func hasFailed(_ row: Row, _ peer: any Peer) -> Bool { failed.contains(Key(row: row.id, peer: peer.name)) }

    /// One program's figures in one row.
    func outcome(_ row: Row, _ peer: any Peer) -> Outcome? {
        let key = Key(row: row.id, peer: peer.name)
        guard let timings = timings[key] else { return nil }
        return Outcome(timings: timings, repositoryBytes: sizes[key].map { $0.sorted()[($0.count - 1) / 2] })
    }

    /// How one program's repository grew, round for round.
    func growth(_ row: Row, _ peer: any Peer) -> Growth.Rounds? {
        growths[Key(row: row.id, peer: peer.name)].map { Growth.Rounds(rounds: $0) }
    }

    func aging(_ row: Row, _ peer: any Peer) -> Aging? { agings[Key(row: row.id, peer: peer.name)] }

    struct Outcome {
        /// Of all rounds, in their order.
        let timings: [Timing]
        /// The median.
        let repositoryBytes: Int?

        var seconds: Double { timings.map(\.seconds).median }
        var processorSeconds: Double { timings.map(\.processorSeconds).median }
        /// The most of all rounds.
        var peakBytes: Int { timings.map(\.peakBytes).max() ?? 0 }
        var peakMiB: Double { Double(peakBytes) / 1_048_576 }
    }
}
