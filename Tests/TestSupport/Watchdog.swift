internal import Glibc
internal import Posix

/// Ends the whole process when something hangs: a thread that waits for ever cannot be stopped otherwise, and a test that
/// hangs says nothing.
public enum Watchdog {
    private struct Watched {
        var next = 0
        var deadlines: [Int: (what: String, nanoseconds: Int64)] = [:]
        var isRunning = false
    }

    private static let watched = Monitor(Watched())

    /// Runs the body, which has so many seconds.
    public static func watch<Result, Failure: Error>(
        _ what: String, seconds: Int64 = 120, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let number = watched.withLock { watched in
            watched.next += 1
            watched.deadlines[watched.next] = (what, Machine.monotonicNanoseconds + seconds * 1_000_000_000)
            if !watched.isRunning { watched.isRunning = (try? Thread("watchdog", run)) != nil }
            return watched.next
        }
        defer { watched.withLock { _ = $0.deadlines.removeValue(forKey: number) } }
        return try body()
    }

    private static func run() {
        while true {
            usleep(200_000)
            let now = Machine.monotonicNanoseconds
            guard let late = watched.withLock({ $0.deadlines.values.first { $0.nanoseconds < now } }) else { continue }
            let words = Array("watchdog: this hangs: \(late.what)\n".utf8)
            _ = write(2, words, words.count)
            abort()
        }
    }
}
