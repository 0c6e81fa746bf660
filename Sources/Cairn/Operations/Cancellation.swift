internal import Posix

/// A wish to stop, which a running operation looks for between one piece of work and the next. Any thread may call.
public final class Cancellation: Sendable {
    private struct State {
        var isWished = false
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Monitor(State())

    /// Nobody wishes to stop yet.
    public init() {}

    /// Asks the operation to stop soon. What it has stored stays usable.
    public func cancel() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isWished = true
            return state.waiting
        }
        for body in waiting { body() }
    }

    /// Whether the operation is to stop.
    public var isCancelled: Bool { state.withLock { $0.isWished } }

    /// Runs the body once when the operation is to stop, on the thread that says so; at once where it is already.
    func whenCancelled(_ body: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if !state.isWished { state.waiting.append(body) }
            return state.isWished
        }
        if isLate { body() }
    }

    /// Throws `.cancelled` where the operation is to stop.
    func check() throws(CairnError) {
        if isCancelled { throw .cancelled }
    }
}

extension CairnError {
    static let cancelled = CairnError(.cancelled, "stopped on request; what was stored stays usable")
}
