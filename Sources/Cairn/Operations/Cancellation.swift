internal import Posix

/// A wish to stop, which a running operation looks for between one piece of work and the next. Any thread may call.
public final class Cancellation: Sendable {
    private struct State {
        var isWished = false
        var waiting: [Int: @Sendable () -> Void] = [:]
        var count = 0
    }

    private let state = Monitor(State())

    /// Nobody wishes to stop yet.
    public init() {}

    /// Asks the operation to stop soon. What it has stored stays usable.
    public func cancel() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            state.isWished = true
            return state.waiting.values
        }
        for body in waiting { body() }
    }

    /// Whether the operation is to stop.
    public var isCancelled: Bool { state.withLock { $0.isWished } }

    /// Runs the body. If the wish comes meanwhile, or was there before, `hurry` is called once, on the thread that says so.
    func hurrying<Result>(
        _ hurry: @escaping @Sendable () -> Void, _ body: () throws(CairnError) -> Result
    ) throws(CairnError) -> Result {
        let number = state.withLock { state -> Int? in
            if state.isWished { return nil }
            state.count += 1
            state.waiting[state.count] = hurry
            return state.count
        }
        if number == nil { hurry() }
        defer { if let number { state.withLock { $0.waiting[number] = nil } } }
        return try body()
    }

    /// Throws `.cancelled` where the operation is to stop.
    func check() throws(CairnError) {
        if isCancelled { throw .cancelled }
    }
}

extension CairnError {
    static let cancelled = CairnError(.cancelled, "stopped on request; what was stored stays usable")
}
