/// What a program is asked to do.
enum Step: String {
    /// Make an empty repository; never measured.
    case make = "make a repository"
    case first = "first snapshot"
    /// Another snapshot where nothing has changed.
    case unchanged = "nothing changed"
    /// Another snapshot for which every byte is read again.
    case reread = "full re-read"
    /// The first snapshot, into an empty folder.
    case restore
    /// A further snapshot, that is to be kept; never measured.
    case keep = "a further snapshot"
    /// A further snapshot, that is to be forgotten; never measured.
    case pass = "a snapshot to be forgotten"
    /// Proves everything that the repository holds.
    case check = "check with all data"
    /// Forgets those that are to be forgotten, and gives their space back.
    case prune = "forget and prune"
    /// All snapshots.
    case list = "snapshots"
    /// Everything in the first snapshot.
    case ls
    /// A snapshot of the next state of a series.
    case growth
    /// The newest snapshot, into an empty folder.
    case latest = "restore of the last state"

    /// Whether a series is made of it: see `Series`.
    var isOfSeries: Bool { [.make, .growth, .latest].contains(self) }
}
