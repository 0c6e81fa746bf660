extension Corpus.Name {
    /// What it is, for somebody who has only the report.
    var words: String {
        switch self {
        case .toolchain: "few files, most bytes in large ones"
        case .usr: "very many small files"
        case .releases: "releases of one project, side by side"
        case .noise: "bytes that nobody can compress"
        case .history:
            "a tree of text files, made for this; it changes from one of fifty snapshots to the next, and half of them are forgotten"
        case .small: "two hundred files of 4 KiB, made for this"
        case .database: "a database in one file, made for this"
        case .image: "a file system in one file, made for this"
        case .log: "a log file, made for this"
        case .growth: "the last of the releases, after all others"
        }
    }
}
