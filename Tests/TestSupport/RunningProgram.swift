// unsafe: starts programs through posix_spawn, which wants C arrays.
internal import Glibc
internal import Posix

/// A program that runs beside the test and can be killed at any time. What it writes goes into a file, so that nothing of
/// it is lost with it.
public final class RunningProgram {
    private let process: pid_t
    private let outputFolder: TemporaryFolder
    private var status: Int32?

    /// Starts a program that lies beside the one that runs the tests.
    public init(beside name: String, _ arguments: [String]) throws {
        outputFolder = try TemporaryFolder()
        let path = Self.folder + "/" + name
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(
            &actions, 1, outputFolder.path.appending("output").string, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Where the tests themselves run in the background, SIGINT may be ignored, and whoever is started would ignore it too.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&defaults, number) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, &actions, &attributes, &words, environ)
        guard code == 0 else { throw PosixError(call: "posix_spawn", path: Path(path), errno: Errno(rawValue: code)) }
        self.process = process
    }

    deinit { kill() }

    /// What it has written so far, to standard output and error, in whole lines.
    public var lines: [String] {
        let bytes = (try? SmallFile.read(outputFolder.path.appending("output"), limit: 64 << 20)) ?? []
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return bytes[..<end].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Waits until it has written a line that starts so, or has ended.
    public func waitForLine(_ start: String) -> String? {
        while true {
            let hasEnded = reap(WNOHANG)
            if let line = lines.first(where: { $0.hasPrefix(start) }) { return line }
            if hasEnded { return nil }
            usleep(1_000)
        }
    }

    /// Whether it has ended.
    public var hasEnded: Bool { reap(WNOHANG) }

    /// Asks it to end, as a person does with Ctrl-C.
    public func interrupt() {
        if !hasEnded { Glibc.kill(process, SIGINT) }
    }

    /// Ends it with SIGKILL, unless it has ended, and waits until it is gone.
    public func kill() {
        if status == nil { Glibc.kill(process, SIGKILL) }
        reap(0)
    }

    /// Waits until it ends; its exit code, or 128 and the number of the signal that ended it.
    public func wait() -> Int32 {
        reap(0)
        let status = status ?? 0
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    /// How much memory it has now.
    public var memoryBytes: Int {
        let text = String(
            decoding: (try? SmallFile.read(Path("/proc/\(process)/status"), limit: 1 << 16)) ?? [], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0)
            << 10
    }

    /// Waits until it ends; its exit code, and the most memory that it had, as far as looking every few milliseconds tells.
    public func waitWatchingMemory() -> (code: Int32, peakBytes: Int) {
        var peak = 0
        let path = Path("/proc/\(process)/status")
        while !reap(WNOHANG) {
            // What getrusage says of a child that was spawned counts the memory of its parent too.
            let text = String(decoding: (try? SmallFile.read(path, limit: 1 << 16)) ?? [], as: UTF8.self)
            if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
                let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
                    Int($0)
                })
            {
                peak = kibibytes << 10
            }
            usleep(5_000)
        }
        return (wait(), peak)
    }

    @discardableResult
    private func reap(_ options: Int32) -> Bool {
        while status == nil {
            var status: Int32 = 0
            let found = waitpid(process, &status, options)
            if found == process || (found < 0 && errno != EINTR) { self.status = status }
            if found == 0 { return false }
        }
        return true
    }

    /// The folder of the program that runs the tests.
    public static let folder: String = {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { raw in
            guard let start = raw.baseAddress else { return 0 }
            return readlink("/proc/self/exe", start.assumingMemoryBound(to: CChar.self), raw.count)
        }
        return Path(buffer.prefix(max(0, count))).parent.string
    }()

    /// Lets the calling thread rest.
    public static func rest(microseconds: Int) { usleep(UInt32(microseconds)) }
}
