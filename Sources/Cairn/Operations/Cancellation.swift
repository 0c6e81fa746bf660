internal import Posix

/// A wish to stop, which a running operation looks for between one piece of work and the next. Any thread may call.
public final class Cancellation: Sendable {
    private struct State {
        var isWished = false
        var actions: [@Sendable () -> Void] = []
    }

    private let state = Monitor(State())

    /// Nobody wishes to stop yet.
    public init() {}

    /// Asks the operation to stop soon. What it has stored stays usable.
    public func cancel() {
        let actions = state.withLock { state in
            state.isWished = true
            defer { state.actions = [] }
            return state.actions
        }
        for action in actions { action() }
    }

    /// Whether the operation is to stop.
    public var isCancelled: Bool { state.withLock { $0.isWished } }

    /// Throws `.cancelled` where the operation is to stop.
    func check() throws(CairnError) {
        if isCancelled { throw .cancelled }
    }

    /// Runs an action when somebody asks to stop, at once if that has happened.
    func onCancel(_ action: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if !state.isWished { state.actions.append(action) }
            return state.isWished
        }
        if isLate { action() }
    }
}

extension CairnError {
    static let cancelled = CairnError(.cancelled, "stopped on request; what was stored stays usable")
}
