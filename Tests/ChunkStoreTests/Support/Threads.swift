import Posix

/// Runs the body on several threads of their own at once and waits for all; throws the first error.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let failure = Monitor<(any Error)?>(nil)
    let threads = try (0..<count).map { index in
        try Thread("test \(index)") {
            do { try body(index) } catch { failure.withLock { if $0 == nil { $0 = error } } }
        }
    }
    for thread in threads { thread.join() }
    if let error = failure.withLock({ $0 }) { throw error }
}
