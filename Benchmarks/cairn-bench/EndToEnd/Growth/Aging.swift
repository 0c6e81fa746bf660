/// Restores of one tree: from a repository in which it is the last state of a series, and, in turn with them, from a new one that holds nothing
/// else.
struct Aging {
    var grown: [Timing] = []
    var new: [Timing] = []

    mutating func add(_ other: Aging) {
        grown += other.grown
        new += other.new
    }

    /// How many times the seconds it takes.
    var ratio: Double { grown.map(\.seconds).median / new.map(\.seconds).median }
}
