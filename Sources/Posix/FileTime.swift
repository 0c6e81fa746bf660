internal import Glibc

/// A moment as file systems keep it.
public struct FileTime: Hashable, Comparable, Sendable {
    /// Unix seconds; negative before 1970.
    public var seconds: Int64
    /// Nanoseconds after them, below a thousand million.
    public var nanoseconds: UInt32

    /// Makes a moment.
    public init(seconds: Int64, nanoseconds: UInt32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Takes over what C returned.
    init(_ time: timespec) { self.init(seconds: Int64(time.tv_sec), nanoseconds: UInt32(clamping: time.tv_nsec)) }

    /// As C wants it.
    var timespec: timespec { Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)) }

    /// Now, by the machine's clock.
    public static var now: FileTime {
        let time = Machine.nanoseconds
        let seconds = time >= 0 ? time / 1_000_000_000 : (time - 999_999_999) / 1_000_000_000
        return FileTime(seconds: seconds, nanoseconds: UInt32(time - seconds * 1_000_000_000))
    }

    /// Earlier or later.
    public static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
