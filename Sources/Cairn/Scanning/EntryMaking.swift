import Posix

/// Makes the entries of trees from what the file system says.
struct EntryMaking: Sendable {
    /// More than this would make an entry that no tree can hold.
    private static let attributeBytesMax = 8 << 20

    let accounts: Accounts

    func entry(
        _ name: [UInt8], _ status: FileStatus, _ node: TreeEntry.Node, attributes: [ExtendedAttribute],
        linkGroup: UInt64? = nil
    ) -> TreeEntry {
        var entry = TreeEntry(
            name: name, mode: status.permissions, userID: status.userID, groupID: status.groupID,
            modified: status.modified, node: node)
        entry.userName = accounts.userName(status.userID)
        entry.groupName = accounts.groupName(status.groupID)
        entry.linkGroup = linkGroup
        entry.attributes = attributes
        return entry
    }

    /// The attributes of an open file or folder.
    func attributes(of file: borrowing FileDescriptor) throws(PosixError) -> [ExtendedAttribute] {
        try checked(AttributesOnDisk.of(file), file.path)
    }

    /// The attributes of what cannot be opened, by its name in a folder.
    func attributes(of name: Path, in folder: borrowing FileDescriptor) throws(PosixError) -> [ExtendedAttribute] {
        try checked(AttributesOnDisk.of(name, in: folder), name)
    }

    private func checked(_ found: [ExtendedAttribute], _ path: Path) throws(PosixError) -> [ExtendedAttribute] {
        if found.isEmpty { return [] }
        guard found.reduce(0, { $0 + $1.name.count + $1.value.count + 5 }) <= Self.attributeBytesMax else {
            throw PosixError(call: "getxattr", path: path, errno: .fileTooLarge)
        }
        return found.sorted { $0.name.precedes($1.name) }
    }

    /// What stands in a tree for a name that is neither a file nor a folder; nil for what no tree holds.
    func node(_ name: Path, _ status: FileStatus, in folder: borrowing FileDescriptor) throws(PosixError)
        -> TreeEntry.Node?
    {
        let device = DeviceNumber(status.deviceNumber)
        switch status.kind {
        case .link: return .symbolicLink(target: try folder.linkTarget(of: name))
        case .fifo: return .fifo
        case .socket: return .socket
        case .characterDevice: return .characterDevice(major: device.major, minor: device.minor)
        case .blockDevice: return .blockDevice(major: device.major, minor: device.minor)
        default: return nil
        }
    }
}

extension FileStatus {
    /// Whether it changed so shortly before a moment that another change right after it could bear the same times. A time of the content that
    /// somebody has set to the future says nothing: setting it changed the other time.
    func isFresh(at moment: FileTime) -> Bool {
        let early = FileTime(seconds: moment.seconds - 2, nanoseconds: moment.nanoseconds)
        let late = FileTime(seconds: moment.seconds + 2, nanoseconds: moment.nanoseconds)
        return changed > early || (modified > early && modified < late)
    }
}
