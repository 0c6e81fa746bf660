internal import Posix

/// A wish to stop, which a running operation looks for between one piece of work and the next. Any thread may call.
public final class Cancellation: Sendable {
    private let isWished = Monitor(false)

    /// Nobody wishes to stop yet.
    public init() {}

    /// Asks the operation to stop soon. What it has stored stays usable.
    public func cancel() { isWished.withLock { $0 = true } }

    /// Whether the operation is to stop.
    public var isCancelled: Bool { isWished.withLock { $0 } }

    /// Throws `.cancelled` where the operation is to stop.
    func check() throws(CairnError) {
        if isCancelled { throw .cancelled }
    }
}

extension CairnError {
    static let cancelled = CairnError(.cancelled, "stopped on request; what was stored stays usable")
}
