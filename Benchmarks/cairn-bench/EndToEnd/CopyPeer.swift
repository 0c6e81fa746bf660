import Posix

/// A copy of each file: what the file system alone takes.
struct CopyPeer: Peer {
    let path: Path

    var kind: PeerKind { .copy }
    var name: String { "cp -a" }

    func command(_ step: Step, in place: Workplace) -> Command? {
        switch step {
        case .first: copying(place.sources, to: place.repository, environment: place.environment())
        case .restore: copying(place.sources, to: place.target, environment: place.environment())
        case .make, .unchanged, .reread, .list, .ls: nil
        }
    }

    /// Lays copies out below a folder, with their absolute paths.
    func copying(_ sources: [Path], to target: Path, environment: [String: String]) -> Command {
        Command(
            [path.string, "-a", "--parents", "--"] + sources.map(\.string) + [target.string], environment: environment)
    }
}
