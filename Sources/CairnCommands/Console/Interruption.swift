// unsafe: signal handlers, and the pipe through which they reach a thread.
internal import Glibc
internal import Posix
internal import Synchronization

/// What the handler touches. Everything here is atomic, and made before a handler can run.
private let isAsked = Atomic(false)
private let askedAt = Atomic<Int64>(0)
private let pipeEnd = Atomic<Int32>(-1)
private let isStatusShown = Atomic(false)

/// The wish of a person or of the system that the running operation ends: SIGINT, SIGTERM or SIGHUP.
///
/// The first one asks: what runs ends cleanly, keeps what it has stored, and the process ends with exit code 130. The
/// second one ends the process at once, by that signal, so that a shell sees why. What comes within a tenth of a second
/// of the first belongs to it: `timeout` and closed terminals send the same twice. A signal that was ignored when the
/// process started stays ignored: `nohup`, or a job that a script put in the background.
enum Interruption {
    private struct State {
        var isInstalled = false
        /// What an interruption leaves behind, in the words of the command that runs.
        var remains = "what was stored stays usable"
        var waiting: [@Sendable () -> Void] = []
    }

    private static let state = Monitor(State())
    private static let signals = [SIGINT, SIGTERM, SIGHUP]
    private static let samePressNanoseconds: Int64 = 100_000_000

    /// How a run ends that was asked to.
    static var failure: CommandFailure {
        CommandFailure(.interrupted, kind: "interrupted", "interrupted: \(state.withLock { $0.remains })")
    }

    /// Says what an interruption of this command leaves behind, and how to go on.
    static func leaves(_ remains: String) {
        state.withLock { $0.remains = remains }
    }

    /// Whether the operation is to end. Cheap enough for every turn of a loop.
    static var isRequested: Bool { isAsked.load(ordering: .relaxed) }

    /// Throws `failure` if the operation is to end.
    static func check() throws(CommandFailure) {
        if isRequested { throw failure }
    }

    /// Catches the signals from now on; a command that may run long calls it first. Without effect when called again.
    static func install() {
        let isFirst = state.withLock { state in
            defer { state.isInstalled = true }
            return !state.isInstalled
        }
        // Without a pipe or a thread there is no clean end: then the signals keep ending the process, as ever.
        guard isFirst, let reading = makePipe(), startThread(reading) else { return }
        // Makes the constants that the handler reads.
        _ = (isAsked.load(ordering: .relaxed), askedAt.load(ordering: .relaxed), isStatusShown.load(ordering: .relaxed))
        var own = sigset_t()
        sigemptyset(&own)
        for number in signals {
            var before = sigaction()
            sigaction(number, nil, &before)
            if isIgnored(before) { continue }
            var action = sigaction()
            action.sa_flags = SA_RESTART
            action.__sigaction_handler.sa_handler = { Interruption.handle($0) }
            sigaction(number, &action, nil)
            sigaddset(&own, number)
        }
        // Whoever started us may have blocked them.
        pthread_sigmask(SIG_UNBLOCK, &own, nil)
    }

    /// Runs the body once, on a thread of its own, when the operation is to end; at once if that was asked for already.
    /// The body is kept until the process ends.
    static func onRequest(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.waiting.append(body) }
        if isRequested { wake() }
    }

    /// Lets a hard end leave a status line alone: the shell's prompt then stands below it.
    static func statusIsShown(_ isShown: Bool) {
        isStatusShown.store(isShown, ordering: .relaxed)
    }

    // MARK: In the handler: only what is safe there

    private static func handle(_ number: Int32) {
        let saved = errno
        defer { errno = saved }
        // A call of clock_gettime and nothing else.
        let now = Machine.monotonicNanoseconds
        if !isAsked.exchange(true, ordering: .sequentiallyConsistent) {
            askedAt.store(now, ordering: .sequentiallyConsistent)
            return wake()
        }
        guard now &- askedAt.load(ordering: .sequentiallyConsistent) > samePressNanoseconds else { return }
        endNow(number)
    }

    private static func endNow(_ number: Int32) {
        if isStatusShown.load(ordering: .relaxed) {
            var lineBreak = UInt8(ascii: "\n")
            _ = write(2, &lineBreak, 1)
        }
        var action = sigaction()
        sigaction(number, &action, nil)
        var own = sigset_t()
        sigemptyset(&own)
        sigaddset(&own, number)
        pthread_sigmask(SIG_UNBLOCK, &own, nil)
        kill(getpid(), number)
    }

    private static func wake() {
        var byte: UInt8 = 1
        _ = write(pipeEnd.load(ordering: .relaxed), &byte, 1)
    }

    // MARK: Making

    private static func isIgnored(_ action: sigaction) -> Bool {
        // SIG_IGN is the address 1, which is no function to compare with.
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// The end to read from; a full pipe never holds the handler up.
    private static func makePipe() -> Int32? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        pipeEnd.store(ends[1], ordering: .sequentiallyConsistent)
        return ends[0]
    }

    /// The thread takes no signal itself, so that those still interrupt the main thread where it asks for a password.
    private static func startThread(_ reading: Int32) -> Bool {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return (try? Thread("interruption") { listen(reading) }) != nil
    }

    private static func listen(_ reading: Int32) {
        var byte: UInt8 = 0
        while true {
            guard read(reading, &byte, 1) == 1 else { continue }
            let bodies = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            for body in bodies { body() }
        }
    }
}
