import Posix

/// Cairn, encrypted, opened with a key file or with a password.
struct CairnPeer: Peer {
    let path: Path
    let version: String
    let hasPassword: Bool

    var kind: PeerKind { .cairn }
    var name: String { "cairn \(version)\(hasPassword ? ", password" : "")" }

    func command(_ step: Step, in place: Workplace) -> Command? {
        let sources = place.sources.map(\.string)
        let words: [String]
        switch step {
        case .make: words = ["init", "-q"] + (hasPassword ? [] : ["--new-key-file", place.keyFile.string])
        case .first, .unchanged, .keep, .pass, .growth:
            words = ["snapshot", "-q"] + (step == .keep ? ["--tag", "keep"] : []) + ["--"] + sources
        case .reread: words = ["snapshot", "-q", "--strategy", "full", "--"] + sources
        case .restore, .latest: words = ["restore", "-q", "latest", "--target", place.target.string]
        case .check: words = ["check", "-q", "--read-data"]
        case .prune: words = ["forget", "-q", "--keep-tag", "keep", "--prune", "--now"]
        case .list: words = ["snapshots"]
        case .ls: words = ["ls", "latest"]
        }
        // A password only adds its scrypt, the same in every step.
        if hasPassword, ![.make, .first, .unchanged, .list, .ls].contains(step) { return nil }
        var environment = ["CAIRN_REPOSITORY": place.repository.string, "CAIRN_CACHE_DIR": place.cache.string]
        if hasPassword {
            environment["CAIRN_PASSWORD_FILE"] = place.passwordFile.string
        } else if step != .make {
            environment["CAIRN_KEY_FILE"] = place.keyFile.string
        }
        return Command([path.string] + words, environment: place.environment(environment))
    }
}
