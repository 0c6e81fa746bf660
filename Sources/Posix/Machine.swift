internal import CPosix
internal import Glibc

/// Who and where this process is, and what time it is.
public enum Machine {
    /// The process's number.
    public static var processID: Int32 { getpid() }

    /// Whether there is a process of this number, whoever's it is. The corresponding C function is `kill`.
    public static func isRunning(_ process: Int32) -> Bool {
        process > 0 && (kill(process, 0) == 0 || errno == EPERM)
    }

    /// The machine's name.
    public static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// The name of the user that this process acts for; the number where it has none.
    public static var userName: String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return "\(geteuid())" }
        return String(cString: name)
    }

    /// The user and the machine, for people to read: `ada@engine`.
    public static var account: String { "\(userName)@\(hostName)" }

    /// The home of the user that this process acts for, as the machine's accounts name it. The corresponding C function is `getpwuid`.
    public static var homeFolder: Path? {
        guard let entry = getpwuid(geteuid()), let home = entry.pointee.pw_dir else { return nil }
        let path = Path(String(cString: home))
        return path.isAbsolute ? path : nil
    }

    /// The number of the user that this process acts for.
    public static var userID: UInt32 { geteuid() }

    /// The number of the group that this process acts for.
    public static var groupID: UInt32 { getegid() }

    /// Whether this process acts for the superuser.
    public static var isSuperuser: Bool { geteuid() == 0 }

    /// A text that is new with every start of the kernel; empty where it cannot be read.
    public static let bootID: String =
        (try? SmallFile.read("/proc/sys/kernel/random/boot_id", limit: 64))
        .map { String(decoding: $0.prefix { $0 > 0x20 }, as: UTF8.self) } ?? ""

    /// Unix time in seconds.
    public static var seconds: Int64 { nanoseconds / 1_000_000_000 }

    /// Unix time in nanoseconds.
    public static var nanoseconds: Int64 { read(CLOCK_REALTIME) }

    /// Nanoseconds that only ever grow, for measuring.
    public static var monotonicNanoseconds: Int64 { read(CLOCK_MONOTONIC) }

    /// How many processors this process may use.
    public static var processorCount: Int { max(1, Int(cairn_processor_count())) }

    /// How long all processors together were idle, waiting for a disk included, and how long they are up, in the kernel's ticks (hundredths of a
    /// second).
    public struct ProcessorTimes: Sendable {
        /// Of `total`, what was idle.
        public var idle: UInt64
        /// All of it.
        public var total: UInt64

        /// States times.
        public init(idle: UInt64, total: UInt64) {
            self.idle = idle
            self.total = total
        }

        /// Takes the line of `/proc/stat` that stands for all processors; nil if it makes no sense.
        init?(line: some Sequence<UInt8>) {
            let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            guard words.first == "cpu" else { return nil }
            // user, nice, system, idle, waiting for a disk, interrupts of both kinds, stolen; what follows is counted in these.
            let fields = words.dropFirst().prefix(8)
            let times = fields.compactMap { UInt64($0) }
            guard times.count >= 5, times.count == fields.count else { return nil }
            idle = times[3] + times[4]
            total = times.reduce(0, +)
        }
    }

    /// The times until now; nil where the kernel does not say.
    public static func processorTimes() -> ProcessorTimes? {
        guard let content = try? SmallFile.read("/proc/stat", limit: 1 << 20) else { return nil }
        return ProcessorTimes(line: content.prefix { $0 != UInt8(ascii: "\n") })
    }

    /// Where temporary files go: `TMPDIR`, or `/var/tmp`, which unlike `/tmp` is not kept in memory.
    public static var temporaryFolder: String {
        guard let folder = getenv("TMPDIR"), folder.pointee != 0 else { return "/var/tmp" }
        return String(cString: folder)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
