import Glibc

/// What one run of a program took.
struct Timing {
    /// By the clock on the wall.
    let seconds: Double
    /// User and system time of all its threads and of the programs that it started.
    let processorSeconds: Double
    /// The most memory that it, or one of the programs that it started, had at once.
    let peakBytes: Int

    init(seconds: Double, usage: rusage) {
        self.seconds = seconds
        processorSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        peakBytes = usage.ru_maxrss * 1_024
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
