import Posix

/// A walk that asks for the status of every file, and finds nothing: no file is that large.
struct WalkPeer: Peer {
    let path: Path

    var kind: PeerKind { .walk }
    var name: String { "find with lstat" }

    func command(_ step: Step, in place: Workplace) -> Command? {
        guard step == .unchanged else { return nil }
        return Command(
            [path.string] + place.sources.map(\.string) + ["-size", "+1048576G"], environment: place.environment())
    }
}
