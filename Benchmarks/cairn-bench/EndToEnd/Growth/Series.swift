import Posix

/// A source that goes from one state to the next, and is taken a snapshot of in each.
///
/// What a series makes itself is the same in every run, but for times of files.
protocol Series {
    var name: Corpus.Name { get }
    /// The folder of which snapshots are taken.
    var source: Path { get }
    var states: Int { get }
    /// About what one state has.
    var stateBytes: Int { get }
    /// Brings it into one state after another; the first is made from nothing.
    func lay(_ state: Int) throws
}

extension Series {
    /// What is needed besides the source: all programs together store at most about two fifths of each state, five times.
    var spaceNeeded: Int { (2 * states + 4) * stateBytes }
}
