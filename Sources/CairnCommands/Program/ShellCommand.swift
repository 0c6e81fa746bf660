// unsafe: the C strings and descriptors that posix_spawn takes.
internal import Glibc
internal import Posix

/// Runs a line of shell and takes its output.
enum ShellCommand {
    struct Outcome {
        /// The exit code; 128 and the signal's number if a signal ended it.
        var code: Int32
        /// What it wrote to standard output, up to the limit.
        var output: [UInt8]
    }

    /// Runs `/bin/sh -c line` with our standard input, standard error and environment, and reads its output to the end;
    /// what goes beyond the limit is dropped. The corresponding C function is `posix_spawn`.
    static func run(_ line: [UInt8], outputBytesMax: Int) throws(PosixError) -> Outcome {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw PosixError(call: "pipe", path: nil, errno: .current) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child: pid_t
        do throws(PosixError) {
            child = try spawn(line, output: ends[1])
            close(ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        let output = readAll(ends[0], limit: outputBytesMax)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard Errno.current == .interrupted else { throw PosixError(call: "waitpid", path: nil, errno: .current) }
        }
        let signal = status & 0x7F
        return Outcome(code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: output)
    }

    private static func spawn(_ line: [UInt8], output: Int32) throws(PosixError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        // A closed pipe is a matter between us and our reader; the command meets it as it expects to. Signals that we
        // catch are its own again by themselves, and it can be reached by all, whatever this thread blocks.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = [
            strdup("sh"), strdup("-c"),
            (line.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { strdup($0.baseAddress!) }, nil,
        ]
        defer { words.forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, "/bin/sh", &actions, &attributes, &words, environ)
        guard code == 0 else { throw PosixError(call: "posix_spawn", path: "/bin/sh", errno: Errno(rawValue: code)) }
        return child
    }

    private static func readAll(_ descriptor: Int32, limit: Int) -> [UInt8] {
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, Errno.current == .interrupted { continue }
            guard count > 0 else { return result }
            result += piece[..<min(count, limit - result.count)]
        }
    }
}
