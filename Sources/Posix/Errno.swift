internal import Glibc

/// A system call's reason for failing.
public struct Errno: Error, RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The C constant's value.
    public let rawValue: Int32

    /// Makes a reason from the C constant's value.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The calling thread's last reason.
    public static var current: Errno { Errno(rawValue: errno) }

    /// ENOENT
    public static let noSuchFile = Errno(rawValue: ENOENT)
    /// EEXIST
    public static let exists = Errno(rawValue: EEXIST)
    /// EACCES
    public static let permissionDenied = Errno(rawValue: EACCES)
    /// EPERM
    public static let notPermitted = Errno(rawValue: EPERM)
    /// EROFS
    public static let readOnlyFileSystem = Errno(rawValue: EROFS)
    /// ENOSPC
    public static let noSpace = Errno(rawValue: ENOSPC)
    /// EDQUOT
    public static let quotaExceeded = Errno(rawValue: EDQUOT)
    /// EIO
    public static let inputOutput = Errno(rawValue: EIO)
    /// EINTR
    public static let interrupted = Errno(rawValue: EINTR)
    /// EINVAL
    public static let invalidArgument = Errno(rawValue: EINVAL)
    /// ENOSYS
    public static let notImplemented = Errno(rawValue: ENOSYS)
    /// ENOTSUP
    public static let notSupported = Errno(rawValue: ENOTSUP)
    /// ENOLCK
    public static let noLocks = Errno(rawValue: ENOLCK)
    /// EWOULDBLOCK
    public static let wouldBlock = Errno(rawValue: EWOULDBLOCK)
    /// ENOTDIR
    public static let notAFolder = Errno(rawValue: ENOTDIR)
    /// EISDIR
    public static let isAFolder = Errno(rawValue: EISDIR)
    /// ENOTEMPTY
    public static let folderNotEmpty = Errno(rawValue: ENOTEMPTY)
    /// EMFILE
    public static let tooManyOpenFiles = Errno(rawValue: EMFILE)
    /// EBADF
    public static let badDescriptor = Errno(rawValue: EBADF)
    /// ELOOP
    public static let linksInACircle = Errno(rawValue: ELOOP)
    /// EPIPE
    public static let brokenPipe = Errno(rawValue: EPIPE)

    /// The C library's words for it.
    public var description: String {
        var text = [CChar](repeating: 0, count: 256)
        guard strerror_r(rawValue, &text, text.count) == 0 else { return "error \(rawValue)" }
        return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }
}
