import Posix

/// Gives files the metadata that a snapshot records, where they differ: owner, attributes, mode, times, in this order. A change of
/// the owner takes set-ID bits and capabilities away, so it comes first; attributes need the right to write, which the mode may take; and
/// the time comes last, for everything else might move it.
struct MetadataSetter: Sendable {
    let owners: RestoreRequest.Owners
    let isDryRun: Bool
    let ledger: RestoreLedger
    private let accounts = Accounts()
    /// Whose new files are.
    private let userID = Machine.userID
    private let groupID = Machine.groupID
    private static let unchangedID = UInt32.max
    /// The mode of files that are not whole yet.
    static let unfinishedMode: UInt32 = 0o600

    init(owners: RestoreRequest.Owners, isDryRun: Bool, ledger: RestoreLedger) {
        self.owners = owners
        self.isDryRun = isDryRun
        self.ledger = ledger
    }

    /// The mode to make a file with: its own where it belongs to this process's user anyway, else one that gives nobody rights
    /// before the owner is right.
    func modeWhenMade(of entry: TreeEntry) -> UInt32 {
        if let wanted = wantedOwner(of: entry), wanted != (userID, groupID) { return Self.unfinishedMode }
        return entry.mode & 0o777
    }

    /// Sets what differs on an open file or folder, whose status is given. Returns whether anything differed. One that `isFresh` was made by
    /// this restore and has no attributes of its own yet. A folder above the sources, as /home, `mayKeepOwner`: that it becomes its restorer's is
    /// nothing to warn of.
    func apply(
        _ entry: TreeEntry, to file: borrowing FileDescriptor, status: FileStatus, isFresh: Bool = false,
        mayKeepOwner: Bool = false
    ) throws(PosixError) -> Bool {
        let attributes = Differences(entry.attributes, isFresh ? [] : try AttributesOnDisk.of(file))
        let owner = owner(of: entry, status)
        if isDryRun { return differs(entry, status, owner, attributes) }
        var (userID, groupID) = (status.userID, status.groupID)
        var isChanged = false
        if let owner {
            do throws(PosixError) { try file.setOwner(owner.user, owner.group) } catch {
                guard Self.isRefusal(error) else { throw error }
                // A plain user may still choose among the groups that are his.
                try? file.setOwner(Self.unchangedID, owner.group)
                if !mayKeepOwner { ledger.refused(.owner) }
            }
            (userID, groupID) = try Self.owner(file.status())
            isChanged = (userID, groupID) != (status.userID, status.groupID)
        }
        if !attributes.isEmpty {
            let isWritable = status.mode & 0o200 != 0 || status.isFolder
            if !isWritable { try? file.setMode(status.permissions | 0o200) }
            for name in attributes.removed {
                try refusing { () throws(PosixError) in try file.removeAttribute(name) }
            }
            for attribute in attributes.changed {
                try refusing { () throws(PosixError) in try file.setAttribute(attribute.name, attribute.value) }
            }
            isChanged = true
        }
        let mode = mode(of: entry, userID: userID, groupID: groupID)
        // A change of owner or of an access list changes the mode too.
        if mode != status.permissions || isChanged {
            try file.setMode(mode)
            isChanged = isChanged || mode != status.permissions
        }
        if entry.modified != status.modified || isChanged || isFresh {
            try file.setModified(entry.modified)
            isChanged = isChanged || entry.modified != status.modified
        }
        return isChanged
    }

    /// The same for what cannot be opened: symbolic links, FIFOs, sockets, devices.
    func apply(
        _ entry: TreeEntry, to name: Path, in folder: borrowing FileDescriptor, status: FileStatus,
        isFresh: Bool = false
    ) throws(PosixError) -> Bool {
        let attributes = Differences(entry.attributes, isFresh ? [] : try AttributesOnDisk.of(name, in: folder))
        let owner = owner(of: entry, status)
        if isDryRun { return differs(entry, status, owner, attributes) }
        var (userID, groupID) = (status.userID, status.groupID)
        var isChanged = false
        if let owner {
            do throws(PosixError) { try folder.setOwner(of: name, owner.user, owner.group) } catch {
                guard Self.isRefusal(error) else { throw error }
                try? folder.setOwner(of: name, Self.unchangedID, owner.group)
                ledger.refused(.owner)
            }
            (userID, groupID) = try Self.owner(folder.status(of: name))
            isChanged = (userID, groupID) != (status.userID, status.groupID)
        }
        for attribute in attributes.removed {
            try refusing { () throws(PosixError) in try folder.removeAttribute(attribute, of: name) }
        }
        for attribute in attributes.changed {
            try refusing { () throws(PosixError) in try folder.setAttribute(attribute.name, attribute.value, of: name) }
        }
        isChanged = isChanged || !attributes.isEmpty
        // The mode of a symbolic link means nothing and cannot be set.
        if status.kind != .link {
            let mode = mode(of: entry, userID: userID, groupID: groupID)
            if mode != status.permissions || isChanged {
                try folder.setMode(of: name, mode)
                isChanged = isChanged || mode != status.permissions
            }
        }
        if entry.modified != status.modified || isChanged || isFresh {
            try folder.setModified(of: name, entry.modified)
            isChanged = isChanged || entry.modified != status.modified
        }
        return isChanged
    }

    private func differs(
        _ entry: TreeEntry, _ status: FileStatus, _ owner: (user: UInt32, group: UInt32)?, _ attributes: Differences
    ) -> Bool {
        let (userID, groupID) = owner ?? (status.userID, status.groupID)
        return owner != nil || !attributes.isEmpty || entry.modified != status.modified
            || (status.kind != .link && mode(of: entry, userID: userID, groupID: groupID) != status.permissions)
    }

    // MARK: Owner and mode

    /// The owner to set; nil where it is right.
    private func owner(of entry: TreeEntry, _ status: FileStatus) -> (user: UInt32, group: UInt32)? {
        guard let wanted = wantedOwner(of: entry) else { return nil }
        return wanted == (status.userID, status.groupID) ? nil : wanted
    }

    private func wantedOwner(of entry: TreeEntry) -> (user: UInt32, group: UInt32)? {
        switch owners {
        case .none: return nil
        case .numeric: return (entry.userID, entry.groupID)
        case .byName:
            let user = entry.userName.isEmpty ? nil : accounts.userID(entry.userName)
            let group = entry.groupName.isEmpty ? nil : accounts.groupID(entry.groupName)
            return (user ?? entry.userID, group ?? entry.groupID)
        }
    }

    private static func owner(_ status: FileStatus) -> (UInt32, UInt32) {
        (status.userID, status.groupID)
    }

    /// The recorded mode; without set-ID bits that would give another owner's rights away.
    private func mode(of entry: TreeEntry, userID: UInt32, groupID: UInt32) -> UInt32 {
        let wanted = wantedOwner(of: entry) ?? (entry.userID, entry.groupID)
        var mode = entry.mode
        if entry.node.isDirectory { return mode }
        if userID != wanted.user { mode &= ~0o4000 }
        if groupID != wanted.group { mode &= ~0o2000 }
        if mode != entry.mode && !isDryRun { ledger.refused(.setID) }
        return mode
    }

    // MARK: What is not allowed

    private func refusing(_ body: () throws(PosixError) -> Void) throws(PosixError) {
        do throws(PosixError) { try body() } catch {
            switch error.errno {
            case .notSupported: ledger.refused(.unsupportedAttribute)
            case .noSuchAttribute: break
            case _ where Self.isRefusal(error): ledger.refused(.attribute)
            default: throw error
            }
        }
    }

    /// Whether more rights would have helped. The superuser of a container has not all of them, nor do all numbers of owners exist there.
    private static func isRefusal(_ error: PosixError) -> Bool {
        switch error.errno {
        case .notPermitted, .invalidArgument: true
        case .permissionDenied: !Machine.isSuperuser
        default: false
        }
    }
}

/// What must be done so that a file's attributes are the recorded ones.
private struct Differences {
    var removed: [[UInt8]] = []
    var changed: [ExtendedAttribute] = []

    var isEmpty: Bool { removed.isEmpty && changed.isEmpty }

    init(_ wanted: [ExtendedAttribute], _ there: [ExtendedAttribute]) {
        if wanted.isEmpty && there.isEmpty { return }
        for attribute in wanted where !there.contains(attribute) { changed.append(attribute) }
        for attribute in there where !wanted.contains(where: { $0.name == attribute.name }) {
            // The rest belongs to the kernel or to the machine's policy.
            if AttributesOnDisk.isOurs(attribute.name) { removed.append(attribute.name) }
        }
    }
}
