import Posix

/// Measures how long things take.
enum Stopwatch {
    /// Seconds that the body took.
    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = Machine.monotonicNanoseconds
        try body()
        return Double(Machine.monotonicNanoseconds - start) / 1e9
    }

    /// Runs the body on as many threads as there are processors, each with its number, and returns the seconds until all are done.
    static func parallelSeconds(_ threads: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws -> Double {
        let failure = Monitor<(any Error)?>(nil)
        let seconds = try seconds {
            let workers = try (0..<threads).map { number in
                try Thread("bench") {
                    do { try body(number) } catch { failure.withLock { $0 = error } }
                }
            }
            for worker in workers { worker.join() }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return seconds
    }

    /// The same for numbered items: each goes to the next thread that is free.
    static func parallelSeconds(
        _ threads: Int, items: Int, _ body: @escaping @Sendable (Int) throws -> Void
    ) throws -> Double {
        let next = Monitor(0)
        return try parallelSeconds(threads) { _ in
            while true {
                let item = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard item < items else { return }
                try body(item)
            }
        }
    }
}

extension [Double] {
    /// The middle value; of an even number, the mean of the two in the middle.
    var median: Double {
        if isEmpty { return .nan }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}

extension Double {
    /// The number with so many digits behind the point.
    func digits(_ count: Int) -> String {
        guard isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<count { scale *= 10 }
        let rounded = Int64((magnitude * scale).rounded())
        let fraction = String(rounded % Int64(scale))
        let sign = self < 0 && rounded > 0 ? "-" : ""
        let whole = "\(sign)\(rounded / Int64(scale))"
        return count == 0 ? whole : whole + "." + String(repeating: "0", count: count - fraction.count) + fraction
    }
}
