import Glibc

/// Whoever breaks off a long measurement must not find gigabytes left behind. So the signals for that are held back, and looked
/// for whenever a program has ended; the programs get them too.
enum Interruption {
    struct Seen: Error, CustomStringConvertible {
        var description: String { "interrupted" }
    }

    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// Holds them back, until it is called with false.
    static func hold(_ isHeld: Bool) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(isHeld ? SIG_BLOCK : SIG_UNBLOCK, &set, nil)
    }

    /// Whether one has come.
    static var isSeen: Bool {
        var pending = sigset_t()
        sigpending(&pending)
        return signals.contains { sigismember(&pending, $0) == 1 }
    }

    static func check() throws {
        if isSeen { throw Seen() }
    }
}
