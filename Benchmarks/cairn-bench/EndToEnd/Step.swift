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
    /// All snapshots.
    case list = "snapshots"
    /// Everything in the first snapshot.
    case ls
}
