/// A program that is measured: how it is called, step by step.
///
/// Restored trees lie below the target with their absolute paths, whoever restores them.
protocol Peer: Sendable {
    /// What it is called in tables, with its version; no two have the same.
    var name: String { get }
    var kind: PeerKind { get }
    /// Whether it is a variant that is measured only where a repository grows; no goal is held against it.
    var isGrowthOnly: Bool { get }
    /// The program's call; nil where it has no such step, or is not measured at it. Whoever needs no
    /// making finds an empty folder.
    func command(_ step: Step, in place: Workplace) -> Command?
}

extension Peer {
    var isGrowthOnly: Bool { false }
}

/// Which program it is, whatever its version and settings.
enum PeerKind: String, CaseIterable {
    case cairn
    case restic
    case borg
    case zpaq
    /// An archive without memory of the one before.
    case archive = "tar|zstd"
    /// A copy, file by file.
    case copy = "cp -a"
    /// What looks at every file's status and does nothing else.
    case walk = "find"
}
