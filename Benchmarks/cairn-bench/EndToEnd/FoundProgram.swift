import Posix

/// A program of this machine, as it introduces itself.
struct FoundProgram {
    let kind: PeerKind
    let paths: [Path]
    /// Its name and version in its own words.
    let said: String
}
