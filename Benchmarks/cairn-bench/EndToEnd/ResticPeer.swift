import Posix

/// Restic, with its defaults or with another compression; it knows passwords only.
struct ResticPeer: Peer {
    let path: Path
    let version: String
    /// As `--compression` takes it, measured only where a repository grows; nil for restic's own choice, `auto`.
    var compression: String?

    var kind: PeerKind { .restic }
    var name: String { "restic \(version)\(compression.map { ", \($0)" } ?? "")" }
    var isGrowthOnly: Bool { compression != nil }
    /// The numbers of its version.
    var release: [Int] { version.split(separator: ".").compactMap { Int($0) } }

    func command(_ step: Step, in place: Workplace) -> Command? {
        if isGrowthOnly, !step.isOfSeries { return nil }
        let sources = place.sources.map(\.string)
        let words: [String] =
            switch step {
            case .make: ["init", "-q"]
            case .first, .unchanged, .pass, .growth: ["backup", "-q", "--"] + sources
            case .keep: ["backup", "-q", "--tag", "keep", "--"] + sources
            case .reread: ["backup", "-q", "--force", "--"] + sources
            case .restore, .latest: ["restore", "-q", "latest", "--target", place.target.string]
            case .check: ["check", "-q", "--read-data"]
            case .prune: ["forget", "-q", "--keep-tag", "keep", "--prune"]
            case .list: ["snapshots"]
            case .ls: ["ls", "latest"]
            }
        return Command(
            [path.string] + (compression.map { ["--compression", $0] } ?? []) + words,
            environment: place.environment([
                "RESTIC_REPOSITORY": place.repository.string, "RESTIC_CACHE_DIR": place.cache.string,
                "RESTIC_PASSWORD_FILE": place.passwordFile.string,
            ]))
    }
}
