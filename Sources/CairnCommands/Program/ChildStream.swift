// unsafe: the C strings and descriptors that posix_spawn takes.
internal import Glibc
internal import Posix

/// A program whose output is read while it runs.
final class ChildStream: Sendable {
    private let process: pid_t
    /// How it is called, for messages.
    private let name: String

    /// Starts a program with our standard input, standard error and environment, and hands the body what its output comes from. It is
    /// looked for along PATH. The corresponding C function is `posix_spawnp`.
    static func start<Result>(
        _ words: [[UInt8]], _ body: (ChildStream, consuming FileDescriptor) -> Result
    ) throws(PosixError) -> Result {
        let path = Path(words[0])
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw PosixError(call: "pipe", path: nil, errno: .current) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let output = FileDescriptor(takingOver: ends[0], path: path)
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        // What we ignore or catch is the program's own again.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { word in
            (word.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { strdup($0.baseAddress!) }
        }
        arguments.append(nil)
        defer { arguments.forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, arguments[0]!, &actions, &attributes, &arguments, environ)
        guard code == 0 else { throw PosixError(call: "posix_spawn", path: path, errno: Errno(rawValue: code)) }
        return body(ChildStream(process, name: path.printable), output)
    }

    private init(_ process: pid_t, name: String) {
        self.process = process
        self.name = name
    }

    /// Waits until the program has ended; says how, unless it ended well.
    func finish() -> String? {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard Errno.current == .interrupted else { return "\(name) was lost: \(Errno.current)" }
        }
        let signal = status & 0x7F
        if signal != 0 { return "\(name) was ended by signal \(signal)" }
        let code = (status >> 8) & 0xFF
        return code == 0 ? nil : "\(name) failed with exit code \(code)"
    }
}
