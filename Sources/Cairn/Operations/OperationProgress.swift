public import Posix

/// How far an operation has come. The operation writes it, others read it, on any thread.
public final class OperationProgress: Sendable {
    /// One look.
    public struct Snapshot: Sendable, Hashable {
        /// What is being done.
        public var phase = ""
        /// Files, links and the like that are finished.
        public var filesDone = 0
        /// Directories that are finished.
        public var directoriesDone = 0
        /// Bytes of files that are finished or passed by.
        public var bytesDone: UInt64 = 0
        /// How many files there are in all, as far as is known.
        public var filesTotal: Int?
        /// How many bytes there are in all, as far as is known.
        public var bytesTotal: UInt64?
        /// Whether the totals will not grow any more.
        public var isTotalFinal = false
        /// What is being worked on.
        public var current: Path?
        /// How many items failed.
        public var failures = 0

        /// Nothing done yet.
        public init() {}
    }

    private let state = Monitor(Snapshot())

    /// Nothing done yet.
    public init() {}

    /// How far it has come.
    public var snapshot: Snapshot { state.withLock { $0 } }

    func update(_ body: (inout Snapshot) -> Void) { state.withLock { body(&$0) } }
}
