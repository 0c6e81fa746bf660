public import Posix
public import Storage

/// Makes a chosen step of a local folder fail, counted over all who share it.
public final class StepFault: Sendable {
    /// Which steps fail.
    public enum Reach: Sendable {
        /// Only the chosen one.
        case once
        /// The chosen one and all later ones.
        case onward
    }

    private struct Progress {
        var steps = 0
        var failed: LocalDirectory.Step?
    }

    private let number: Int
    private let errno: Errno
    private let reach: Reach
    private let progress = Monitor(Progress())

    /// Fails step `number`, counted from 1, with this reason.
    public init(at number: Int, _ errno: Errno, _ reach: Reach) {
        self.number = number
        self.errno = errno
        self.reach = reach
    }

    /// The first step that failed; nil as long as none did.
    public var failed: LocalDirectory.Step? { progress.withLock { $0.failed } }

    /// Stands between a local folder and its disk.
    public var interceptor: LocalDirectory.Interceptor {
        { step throws(PosixError) in
            let fails = self.progress.withLock { progress in
                progress.steps += 1
                let fails = self.reach == .once ? progress.steps == self.number : progress.steps >= self.number
                if fails && progress.failed == nil { progress.failed = step }
                return fails
            }
            if fails { throw PosixError(call: "made to fail", path: nil, errno: self.errno) }
        }
    }
}

/// Writes down every step of a local folder in order, with marks between them.
public final class StepRecorder: Sendable {
    /// A step, or what the caller marked.
    public enum Event: Sendable {
        /// The disk was changed, or was about to be.
        case step(LocalDirectory.Step)
        /// The caller got this far.
        case mark(String)
    }

    private let recorded = Monitor<[Event]>([])

    /// Starts with an empty record.
    public init() {}

    /// What was written down.
    public var events: [Event] { recorded.withLock { $0 } }

    /// Writes a mark down: whatever was done before it has returned.
    public func mark(_ text: String) { recorded.withLock { $0.append(.mark(text)) } }

    /// Stands between a local folder and its disk.
    public var interceptor: LocalDirectory.Interceptor {
        { step throws(PosixError) in self.recorded.withLock { $0.append(.step(step)) } }
    }
}

extension LocalDirectory.Step {
    /// The step without its bytes, for messages.
    public var summary: String {
        switch self {
        case .makeFolder(let name): "make folder \(name)"
        case .create(let name): "create \(name)"
        case .write(let name, let bytes): "write \(bytes.count) bytes to \(name)"
        case .synchronize(let name): "synchronize \(name)"
        case .rename(let name, let target, _): "rename \(name) to \(target)"
        case .remove(let name): "remove \(name)"
        case .synchronizeFolder(let name): "synchronize folder \"\(name)\""
        }
    }
}
