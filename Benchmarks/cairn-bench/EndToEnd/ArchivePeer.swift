import Posix

/// A tar archive, compressed by zstd on all processors: neither deduplicated nor encrypted nor made durable.
struct ArchivePeer: Peer {
    let tar: Path
    let zstd: Path
    let threads: Int

    var kind: PeerKind { .archive }
    var name: String { "tar|zstd -3 -T\(threads)" }

    func command(_ step: Step, in place: Workplace) -> Command? {
        let archive = place.repository.appending("archive.tar.zst").string
        let relative = place.sources.map { Path($0.bytes.dropFirst()).string }
        let words: [String]
        switch step {
        case .first:
            words = ["-I", "\(zstd) -q -3 -T\(threads)", "-cf", archive, "-C", "/", "--"] + relative
        case .restore:
            words = ["-I", "\(zstd) -q", "-xpf", archive, "-C", place.target.string]
        case .make, .unchanged, .reread, .keep, .pass, .check, .prune, .list, .ls, .growth, .latest:
            return nil
        }
        return Command([tar.string] + words, environment: place.environment())
    }
}
