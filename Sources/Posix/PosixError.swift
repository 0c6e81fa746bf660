/// A failed system call: which one, on what, why.
public struct PosixError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The C function's name.
    public let call: String
    /// What it was called on, where that has a path.
    public let path: Path?
    /// The reason.
    public let errno: Errno

    /// Describes a failed call.
    public init(call: String, path: Path?, errno: Errno) {
        self.call = call
        self.path = path
        self.errno = errno
    }

    /// For example `open /a/b: No such file or directory`.
    public var description: String {
        if let path { "\(call) \(path): \(errno)" } else { "\(call): \(errno)" }
    }
}

/// Makes a call again as long as a signal interrupts it; a negative result becomes an error.
@inline(__always)
func checked<Result: SignedInteger>(
    _ call: StaticString, _ path: @autoclosure () -> Path?, _ body: () -> Result
) throws(PosixError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let reason = Errno.current
        if reason != .interrupted { throw PosixError(call: "\(call)", path: path(), errno: reason) }
    }
}
