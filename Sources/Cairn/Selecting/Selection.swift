import Posix

/// Which of the names below a source a snapshot takes.
public struct Selection: Sendable {
    public init() {}

    /// What holds in one folder.
    struct Folder: Sendable {
        func isExcluded(_ entry: Posix.Folder.Entry) -> Bool { false }
        func isExcluded(_ name: [UInt8], _ status: FileStatus) -> Bool { false }
        func child(_ name: [UInt8], listing: [Posix.Folder.Entry], folder: OpenFolder) -> Folder { self }
    }

    func root(_ path: Path, listing: [Posix.Folder.Entry]) -> Folder { Folder() }
}
