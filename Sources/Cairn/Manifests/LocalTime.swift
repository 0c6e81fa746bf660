internal import Glibc

/// The clock on a wall: how far it is ahead of UTC at any moment.
public struct LocalTime: Sendable {
    private let offset: @Sendable (Int64) -> Int

    /// A clock by its rule: seconds ahead of UTC at a number of Unix seconds.
    public init(_ offset: @escaping @Sendable (Int64) -> Int) { self.offset = offset }

    /// The clock of this machine and user: `TZ`, else the system's. The corresponding C function is `localtime_r`.
    public static let machine = LocalTime { seconds in
        // Unlike localtime, localtime_r need not look at TZ.
        tzset()
        var moment = time_t(seconds)
        var fields = tm()
        guard localtime_r(&moment, &fields) != nil else { return 0 }
        return fields.tm_gmtoff
    }

    /// A clock that is always as far ahead.
    public static func fixed(_ offsetSeconds: Int) -> LocalTime { LocalTime { _ in offsetSeconds } }

    /// How far the clock is ahead of UTC at that moment.
    public func offsetSeconds(at seconds: Int64) -> Int { offset(seconds) }
}

extension LocalTime {
    /// The Unix seconds at which this clock shows a time, given as if it were UTC: a range, whose bounds differ where the clock was put
    /// back and shows it twice. A time that was skipped counts as that long after the gap began.
    func seconds(ofLocal local: Int64) -> ClosedRange<Int64> {
        let before = local - Int64(offsetSeconds(at: local - 86_400))
        let after = local - Int64(offsetSeconds(at: local + 86_400))
        let shown = [before, after].filter { $0 + Int64(offsetSeconds(at: $0)) == local }
        guard let low = shown.min(), let high = shown.max() else { return before...before }
        return low...high
    }
}
