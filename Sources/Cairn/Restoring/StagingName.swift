import Bytes
import Posix

/// The temporary names under which files are written before they get their own. Whoever writes one holds its lock, so that what a killed
/// restore left behind can be told from what another one is writing.
enum StagingName {
    private static let prefix = Array(".cairn-restore-".utf8)
    private static let digits = 16

    /// A new name.
    static func make() -> Path {
        Path(prefix + Hex.encode((0..<digits / 2).map { _ in UInt8.random(in: 0...255) }).utf8)
    }

    /// Whether a name has the shape of one.
    static func matches(_ name: [UInt8]) -> Bool {
        name.count == prefix.count + digits && name.starts(with: prefix)
            && name[prefix.count...].allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Removes a file that a restore left behind; false where it is no such file, or somebody is writing it.
    static func removeAbandoned(_ name: Path, in folder: borrowing FileDescriptor) throws(PosixError) -> Bool {
        let status = try folder.status(of: name)
        if status.isFolder { return false }
        guard status.isRegular else {
            try folder.remove(name)
            return true
        }
        let file = try folder.open(name, [.read, .nonBlocking])
        guard try file.tryLock() else { return false }
        try folder.remove(name)
        return true
    }
}
