// unsafe: the kernel's directory records are read from raw memory.
internal import CPosix
internal import Glibc

// The calls that work on names in an open folder. None follows a link that a name may be: what a path meant when the folder was
// opened is what is worked on. Names are paths of one component.
extension FileDescriptor {
    /// Opens a name in this folder. The corresponding C function is `openat`.
    public borrowing func open(
        _ name: Path, _ options: Options, mode: UInt32 = 0o600
    ) throws(PosixError) -> FileDescriptor {
        try FileDescriptor.open(name, options.union(.noFollow), mode: mode, in: rawValue)
    }

    /// Opens a folder, links followed. One that is not to be listed is opened as a mere place where it may not be read.
    public static func openFolder(_ path: Path, isListed: Bool) throws(PosixError) -> FileDescriptor {
        do throws(PosixError) { return try open(path, [.read, .folder]) } catch {
            guard !isListed, error.errno == .permissionDenied else { throw error }
        }
        return try open(path, [.place, .folder])
    }

    /// All names but `.` and `..`, sorted by their bytes. One thread at a time may ask a descriptor. The corresponding C function is
    /// `getdents64`.
    public borrowing func sortedEntries() throws(PosixError) -> [Folder.Entry] {
        let number = rawValue
        // Whoever asked before has left the descriptor at the end.
        _ = try checked("lseek", path) { lseek(number, 0, SEEK_SET) }
        var found: [Folder.Entry] = []
        // Whenever 64 KiB or more come back, glibc puts all its small pieces of free memory in order.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let count = try checked("getdents64", path) { cairn_getdents(number, buffer.baseAddress, buffer.count) }
            if count == 0 { break }
            var offset = 0
            while offset < count {
                // inode 8 │ offset 8 │ record length 2 │ kind 1 │ name, ended by NUL
                let length = Int(buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
                let record = UnsafeRawBufferPointer(rebasing: buffer[(offset + 19)..<(offset + length)])
                let nameLength = strnlen(record.baseAddress!.assumingMemoryBound(to: CChar.self), record.count)
                let name = Array(record[..<nameLength])
                if name != [46] && name != [46, 46] {
                    found.append(Folder.Entry(name: name, kind: buffer[offset + 18]))
                }
                offset += length
            }
        }
        return found.sortedByName()
    }

    /// What the kernel knows of a name. The corresponding C function is `fstatat`.
    public borrowing func status(of name: Path) throws(PosixError) -> FileStatus {
        let number = rawValue
        var facts = stat()
        _ = try name.withCString { text throws(PosixError) in
            try checked("lstat", name) { fstatat(number, text, &facts, AT_SYMLINK_NOFOLLOW) }
        }
        return FileStatus(facts)
    }

    /// The same for a name out of a listing. It is done for every name of a tree, so no memory is taken for it.
    public borrowing func status(ofListed name: [UInt8]) throws(PosixError) -> FileStatus {
        let number = rawValue
        var facts = stat()
        let failure: Errno? = withUnsafeTemporaryAllocation(byteCount: name.count + 1, alignment: 1) { text in
            text.copyBytes(from: name)
            text[name.count] = 0
            let start = text.baseAddress!.assumingMemoryBound(to: CChar.self)
            return fstatat(number, start, &facts, AT_SYMLINK_NOFOLLOW) == 0 ? nil : .current
        }
        if let failure { throw PosixError(call: "lstat", path: Path(name), errno: failure) }
        return FileStatus(facts)
    }

    /// Where a symbolic link leads. The corresponding C function is `readlinkat`.
    public borrowing func linkTarget(of name: Path) throws(PosixError) -> [UInt8] {
        let number = rawValue
        return try name.withCString { text throws(PosixError) in
            var target = [UInt8](repeating: 0, count: 4_097)
            let count = try target.withUnsafeMutableBytesThrowing { buffer throws(PosixError) in
                try checked("readlink", name) { readlinkat(number, text, buffer.baseAddress!, buffer.count) }
            }
            return Array(target[..<count])
        }
    }

    // MARK: Making

    /// Makes a folder. The corresponding C function is `mkdirat`.
    public borrowing func makeFolder(_ name: Path, mode: UInt32) throws(PosixError) {
        let number = rawValue
        _ = try name.withCString { text throws(PosixError) in
            try checked("mkdir", name) { mkdirat(number, text, mode) }
        }
    }

    /// Makes a symbolic link. The corresponding C function is `symlinkat`.
    public borrowing func makeLink(_ name: Path, to target: [UInt8]) throws(PosixError) {
        let number = rawValue
        _ = try name.withCString { text throws(PosixError) in
            try Path(target).withCString { target throws(PosixError) in
                try checked("symlink", name) { symlinkat(target, number, text) }
            }
        }
    }

    /// Gives a file of another folder a name in this one. The corresponding C function is `linkat`.
    public borrowing func makeHardLink(
        _ name: Path, to other: Path, in folder: borrowing FileDescriptor
    ) throws(PosixError) {
        let (number, otherNumber) = (rawValue, folder.rawValue)
        _ = try name.withCString { text throws(PosixError) in
            try other.withCString { other throws(PosixError) in
                try checked("link", name) { linkat(otherNumber, other, number, text, 0) }
            }
        }
    }

    /// Makes a FIFO, a socket or a device. The corresponding C function is `mknodat`.
    public borrowing func makeNode(
        _ name: Path, _ kind: FileStatus.Kind, mode: UInt32, device: DeviceNumber = DeviceNumber(0)
    ) throws(PosixError) {
        let number = rawValue
        _ = try name.withCString { text throws(PosixError) in
            try checked("mknod", name) { mknodat(number, text, kind.rawValue | mode, UInt(device.rawValue)) }
        }
    }

    // MARK: Renaming and removing

    /// Gives a name of this folder another one in a folder, replacing what has it. The corresponding C function is `renameat`.
    public borrowing func rename(
        _ name: Path, to newName: Path, in folder: borrowing FileDescriptor
    ) throws(PosixError) {
        let (number, otherNumber) = (rawValue, folder.rawValue)
        _ = try name.withCString { text throws(PosixError) in
            try newName.withCString { new throws(PosixError) in
                try checked("rename", name) { renameat(number, text, otherNumber, new) }
            }
        }
    }

    /// Removes a name that is no folder. The corresponding C function is `unlinkat`.
    public borrowing func remove(_ name: Path) throws(PosixError) { try unlink(name, "unlink", flags: 0) }

    /// Removes an empty folder. The corresponding C function is `unlinkat` with `AT_REMOVEDIR`.
    public borrowing func removeFolder(_ name: Path) throws(PosixError) {
        try unlink(name, "rmdir", flags: AT_REMOVEDIR)
    }

    private borrowing func unlink(_ name: Path, _ call: StaticString, flags: Int32) throws(PosixError) {
        let number = rawValue
        _ = try name.withCString { text throws(PosixError) in
            try checked(call, name) { unlinkat(number, text, flags) }
        }
    }
}

extension [Folder.Entry] {
    /// In the order of the names' bytes. How names begin is compared as numbers; the rest of them only where that is the same.
    fileprivate func sortedByName() -> [Folder.Entry] {
        var order = enumerated().map { (head: $1.name.head, place: $0) }
        order.sort { left, right in
            left.head == right.head
                ? self[left.place].name.precedes(self[right.place].name) : left.head < right.head
        }
        return order.map { self[$0.place] }
    }
}

extension [UInt8] {
    /// The first eight bytes, or fewer with zeros behind them, as a number in their order.
    fileprivate var head: UInt64 {
        withUnsafeBytes { raw in
            if raw.count >= 8 { return UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)) }
            var head: UInt64 = 0
            for (place, byte) in raw.enumerated() { head |= UInt64(byte) << UInt64(56 - 8 * place) }
            return head
        }
    }

    /// Byte order, as `memcmp` tells it.
    public func precedes(_ other: [UInt8]) -> Bool {
        withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                let shorter = Swift.min(left.count, right.count)
                let order = shorter == 0 ? 0 : memcmp(left.baseAddress!, right.baseAddress!, shorter)
                return order == 0 ? left.count < right.count : order < 0
            }
        }
    }
}
