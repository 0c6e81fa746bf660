import Posix

/// Restic with its defaults; it knows passwords only.
struct ResticPeer: Peer {
    let path: Path
    let version: String

    var kind: PeerKind { .restic }
    var name: String { "restic \(version)" }

    func command(_ step: Step, in place: Workplace) -> Command? {
        let sources = place.sources.map(\.string)
        let words: [String] =
            switch step {
            case .make: ["init", "-q"]
            case .first, .unchanged, .pass: ["backup", "-q", "--"] + sources
            case .keep: ["backup", "-q", "--tag", "keep", "--"] + sources
            case .reread: ["backup", "-q", "--force", "--"] + sources
            case .restore: ["restore", "-q", "latest", "--target", place.target.string]
            case .check: ["check", "-q", "--read-data"]
            case .prune: ["forget", "-q", "--keep-tag", "keep", "--prune"]
            case .list: ["snapshots"]
            case .ls: ["ls", "latest"]
            }
        return Command(
            [path.string] + words,
            environment: place.environment([
                "RESTIC_REPOSITORY": place.repository.string, "RESTIC_CACHE_DIR": place.cache.string,
                "RESTIC_PASSWORD_FILE": place.passwordFile.string,
            ]))
    }
}
