import Posix

/// Borg, encrypted (repokey-blake2), with one compression or another.
struct BorgPeer: Peer {
    let path: Path
    let version: String
    /// As `borg create -C` takes it.
    let compression: String
    let part: Part

    /// Where one compression is measured.
    enum Part {
        case everywhere
        /// Borg's own choice: only where compression tells.
        case isDefault
        /// Only where a repository grows.
        case growth
    }

    var kind: PeerKind { .borg }
    var isGrowthOnly: Bool { part == .growth }
    var name: String { "borg \(version), \(compression)\(part == .isDefault ? " (default)" : "")" }

    func command(_ step: Step, in place: Workplace) -> Command? {
        if !isMeasured(at: step) { return nil }
        let sources = place.sources.map(\.string)
        let create = ["create", "-C", compression]
        // Archives need names: that of the moment, but for the first, which is restored.
        let now = "::{now:%Y%m%d%H%M%S%f}"
        let words: [String]
        switch step {
        case .make: words = ["init", "-e", "repokey-blake2"]
        case .first: words = create + ["::first"] + sources
        case .unchanged, .growth: words = create + [now] + sources
        case .reread: words = create + ["--files-cache=disabled", now] + sources
        case .restore: words = ["extract", "::first"]
        case .latest: words = [place.target.string]
        case .keep: words = create + ["::keep-{now:%Y%m%d%H%M%S%f}"] + sources
        case .pass: words = create + ["::pass-{now:%Y%m%d%H%M%S%f}"] + sources
        case .check: words = ["check", "--verify-data"]
        case .prune: words = ["delete", "--glob-archives", "pass-*"]
        case .list: words = ["list"]
        case .ls: words = ["list", "::first"]
        }
        let program: [String]
        switch step {
        // It extracts into the folder where it runs.
        case .restore: program = ["/usr/bin/env", "-C", place.target.string, path.string]
        // Only a list tells the name of the newest.
        case .latest:
            let script = "cd \"$1\" && exec \"$0\" extract \"::$(\"$0\" list --last 1 --short)\""
            program = ["/bin/sh", "-c", script, path.string]
        // It gives the space back by a second command.
        case .prune: program = ["/bin/sh", "-c", "\"$0\" \"$@\" && \"$0\" compact", path.string]
        default: program = [path.string]
        }
        return Command(
            program + words,
            environment: place.environment([
                "BORG_REPO": place.repository.string, "BORG_PASSPHRASE": Workplace.password,
                "BORG_BASE_DIR": place.home.string, "BORG_CACHE_DIR": place.cache.string,
            ]))
    }

    private func isMeasured(at step: Step) -> Bool {
        switch part {
        case .everywhere: true
        case .isDefault: [.make, .first, .unchanged, .list, .ls].contains(step)
        case .growth: step.isOfSeries
        }
    }
}
