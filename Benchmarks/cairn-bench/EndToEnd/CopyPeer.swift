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
        case .make, .unchanged, .reread, .keep, .pass, .check, .prune, .list, .ls, .growth, .latest: nil
        }
    }

    /// Lays copies out below a folder, with their absolute paths. Those are given relative to the root: there are versions of `cp` that
    /// fail at the folders above absolute ones.
    func copying(_ sources: [Path], to target: Path, environment: [String: String]) -> Command {
        Command(
            ["/usr/bin/env", "-C", "/", path.string, "-a", "--parents", "--"]
                + sources.map { Path($0.bytes.dropFirst()).string } + [target.string],
            environment: environment)
    }
}
