internal import CPosix
internal import Glibc

// Owner, mode and times: of the open file, and of names in an open folder. Links are never followed.
extension FileDescriptor {
    /// The corresponding C function is `fchown`.
    public borrowing func setOwner(_ userID: UInt32, _ groupID: UInt32) throws(PosixError) {
        let number = rawValue
        _ = try checked("chown", path) { fchown(number, userID, groupID) }
    }

    /// The corresponding C function is `fchmod`.
    public borrowing func setMode(_ mode: UInt32) throws(PosixError) {
        let number = rawValue
        _ = try checked("chmod", path) { fchmod(number, mode) }
    }

    /// Sets when the content changed last; the time of the last access stays. The corresponding C function is `futimens`.
    public borrowing func setModified(_ time: FileTime) throws(PosixError) {
        let number = rawValue
        let times = Self.times(time)
        _ = try checked("utimens", path) { futimens(number, times) }
    }

    /// The corresponding C function is `fchownat`.
    public borrowing func setOwner(of name: Path, _ userID: UInt32, _ groupID: UInt32) throws(PosixError) {
        let number = rawValue
        _ = try name.withCString { text throws(PosixError) in
            try checked("chown", name) { fchownat(number, text, userID, groupID, AT_SYMLINK_NOFOLLOW) }
        }
    }

    /// Sets the mode of what is no symbolic link. `fchmodat` cannot be told to follow none, so the file is found first and changed by
    /// its descriptor.
    public borrowing func setMode(of name: Path, _ mode: UInt32) throws(PosixError) {
        let found = try open(name, .place)
        guard try found.status().kind != .link else {
            throw PosixError(call: "chmod", path: name, errno: .linksInACircle)
        }
        let place = Path("/proc/self/fd/\(found.rawValue)")
        _ = try place.withCString { text throws(PosixError) in try checked("chmod", name) { chmod(text, mode) } }
    }

    /// The corresponding C function is `utimensat`.
    public borrowing func setModified(of name: Path, _ time: FileTime) throws(PosixError) {
        let number = rawValue
        let times = Self.times(time)
        _ = try name.withCString { text throws(PosixError) in
            try checked("utimens", name) { utimensat(number, text, times, AT_SYMLINK_NOFOLLOW) }
        }
    }

    private static func times(_ modified: FileTime) -> [timespec] {
        [timespec(tv_sec: 0, tv_nsec: Int(cairn_utime_omit())), modified.timespec]
    }
}
