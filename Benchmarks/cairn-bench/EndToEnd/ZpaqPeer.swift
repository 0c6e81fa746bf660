import Posix

/// zpaq, a journaling archiver: one file, to which each call adds what has changed, cut by content and deduplicated. With its quickest method that
/// compresses, without a password, and it makes nothing durable.
///
/// It keeps neither links nor owners, so that a tree with links does not come back as it was. It is asked to restore all the same: the
/// comparison decides whether that counts.
struct ZpaqPeer: Peer {
    let path: Path
    let version: String
    let threads: Int

    var kind: PeerKind { .zpaq }
    var name: String { "zpaq \(version), -m1" }

    func command(_ step: Step, in place: Workplace) -> Command? {
        let archive = place.repository.appending("archive.zpaq").string
        let words: [String]
        switch step {
        // Files whose size, time and permissions are known are not read again.
        case .first, .unchanged: words = ["add", archive] + place.sources.map(\.string) + ["-m1"]
        case .restore: words = ["extract", archive, "-to", place.target.string]
        case .make, .reread, .keep, .pass, .check, .prune, .list, .ls, .growth, .latest: return nil
        }
        return Command([path.string] + words + ["-t\(threads)"], environment: place.environment())
    }
}
