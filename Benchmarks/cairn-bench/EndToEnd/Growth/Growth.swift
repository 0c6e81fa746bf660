/// How a program's repository grew in one round of a series.
struct Growth {
    /// After each snapshot.
    private(set) var repositoryBytes: [Int] = []
    /// Of each snapshot.
    private(set) var timings: [Timing] = []

    mutating func add(_ bytes: Int, _ timing: Timing) {
        repositoryBytes.append(bytes)
        timings.append(timing)
    }

    /// What each further snapshot added.
    private var steps: [Double] { zip(repositoryBytes, repositoryBytes.dropFirst()).map { Double($1 - $0) } }

    /// The same in all rounds; each figure is the median.
    struct Rounds {
        let rounds: [Growth]

        /// What the first snapshot takes, with all that a new repository has.
        var first: Double { rounds.map { Double($0.repositoryBytes.first ?? 0) }.median }
        /// What the repository has in the end.
        var total: Double { rounds.map { Double($0.repositoryBytes.last ?? 0) }.median }
        var mean: Double { rounds.map { $0.steps.reduce(0, +) / Double($0.steps.count) }.median }
        var median: Double { rounds.map(\.steps.median).median }
        /// Of all snapshots together.
        var seconds: Double { rounds.map { $0.timings.reduce(0) { $0 + $1.seconds } }.median }
        /// The most of all.
        var peakBytes: Int { rounds.flatMap(\.timings).map(\.peakBytes).max() ?? 0 }
    }
}
