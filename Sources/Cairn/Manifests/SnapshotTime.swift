package import Posix

/// A moment, and the offset from UTC of the clock on the wall where it was taken.
///
/// Years 0 to 9999 can be written; what lies outside becomes the nearest that can.
public struct SnapshotTime: Hashable, Comparable, Sendable {
    /// Unix seconds; negative before 1970.
    public let seconds: Int64
    /// Nanoseconds after them, below a thousand million.
    public let nanoseconds: UInt32
    /// How far the local clock was ahead of UTC, in whole minutes.
    public let offsetSeconds: Int

    /// Makes a moment. The offset is rounded to whole minutes, for no more can be written.
    public init(seconds: Int64, nanoseconds: UInt32 = 0, offsetSeconds: Int = 0) {
        let minutes = Int((Double(offsetSeconds.clamped(to: -86_399...86_399)) / 60).rounded())
        self.offsetSeconds = minutes.clamped(to: -1_439...1_439) * 60
        self.seconds = seconds.clamped(to: Self.secondsMin...Self.secondsMax)
        self.nanoseconds = min(nanoseconds, 999_999_999)
    }

    /// The same moment, as UTC has it.
    package init(_ time: FileTime) { self.init(seconds: time.seconds, nanoseconds: time.nanoseconds) }

    /// A day inside the years 0 and 9999, so that any offset can be added.
    private static let secondsMin: Int64 = -62_167_219_200 + 86_400
    private static let secondsMax: Int64 = 253_402_300_799 - 86_400

    /// Now, on the clock of this machine.
    public static func now(in zone: LocalTime = .machine) -> SnapshotTime { SnapshotTime(.now).on(zone) }

    /// Whether it lies before another, whatever the clocks on the walls showed.
    public func isEarlier(than other: SnapshotTime) -> Bool {
        (seconds, nanoseconds) < (other.seconds, other.nanoseconds)
    }

    /// Earlier or later; at the same moment, further west first.
    public static func < (left: SnapshotTime, right: SnapshotTime) -> Bool {
        (left.seconds, left.nanoseconds, left.offsetSeconds) < (right.seconds, right.nanoseconds, right.offsetSeconds)
    }
}

extension Comparable {
    fileprivate func clamped(to range: ClosedRange<Self>) -> Self {
        min(max(self, range.lowerBound), range.upperBound)
    }
}
