// unsafe: the memory that goes to write(2) and comes from read(2) on the process's own descriptors.
internal import Glibc
internal import Posix

/// One of the three descriptors that a process is born with. It is never closed here.
struct StandardStream: Sendable {
    static let input = StandardStream(descriptor: 0)
    static let output = StandardStream(descriptor: 1)
    static let errors = StandardStream(descriptor: 2)

    let descriptor: Int32

    /// Whether a person sees it. The corresponding C function is `isatty`.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Whether this process is in the job that the terminal belongs to now, as far as that can be told. The
    /// corresponding C function is `tcgetpgrp`.
    var isForeground: Bool {
        let group = tcgetpgrp(descriptor)
        return group < 0 || group == getpgrp()
    }

    /// Writes all the bytes, waiting where the other side is slow; the reason if it cannot.
    func write(_ bytes: ArraySlice<UInt8>) -> Errno? {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let written = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
                if written >= 0 {
                    done += written
                } else if Errno.current == .wouldBlock {
                    var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wish, 1, -1)
                } else if Errno.current != .interrupted {
                    return Errno.current
                }
            }
            return nil
        }
    }

    /// Makes the process fit to run: a closed pipe becomes an error of write instead of a signal, children can be waited for, and none of the three
    /// numbers is free, so that no repository file ever becomes standard output.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        // Whoever ignores this hands that on, and then nobody can wait for a child.
        signal(SIGCHLD, SIG_DFL)
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 && Errno.current == .badDescriptor {
            // Opened for the wrong direction on purpose: what is written to a closed stream is still an error.
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
    }
}
