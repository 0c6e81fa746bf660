import Glibc
import Posix

/// Where and when measuring takes place. All of it is read in small pieces: what this process has in memory counts for those that it starts (see `Child`).
struct Surroundings {
    /// Each with its name, in the order in which a report has them.
    private(set) var facts: [(String, String)] = []

    /// `place` is the folder to work in.
    init(place: Path, cairn: Path, threads: Int) {
        add("date", Self.date(Machine.seconds))
        add("command", Self.commandLine)
        add("processor", "\(Environment.processor), \(threads) of them")
        add("memory", Self.memory)
        add("kernel", Self.firstLine("/proc/sys/kernel/osrelease").map { "Linux \($0)" })
        add("system", Self.system)
        add("folder", "\(place)")
        add("file system", Self.fileSystem(of: place))
        add("free space", (try? Folder.freeBytes(place)).map { Int($0).grouped + " bytes" })
        add("checkout around the command", Self.checkout(around: cairn, place))
        add("SHA-256 of the command", Self.digest(of: cairn, place))
    }

    private mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { facts.append((name, value)) }
    }

    // MARK: Run

    /// In universal time.
    private static func date(_ seconds: Int64) -> String {
        var (time, parts) = (time_t(seconds), tm())
        guard gmtime_r(&time, &parts) != nil else { return "" }
        var text = [CChar](repeating: 0, count: 64)
        guard strftime(&text, text.count, "%Y-%m-%d %H:%M UTC", &parts) > 0 else { return "" }
        return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// With the variables that matter, so that it can be typed again.
    private static var commandLine: String {
        let names = ["CAIRN_BENCH_CAIRN", "CAIRN_BENCH_RESTIC", "CAIRN_BENCH_DIR"]
        let variables = names.compactMap { name in Environment.value(name).map { "\(name)=\(quoted($0))" } }
        return (variables + CommandLine.arguments.map(quoted)).joined(separator: " ")
    }

    /// As a shell takes it for one word.
    private static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "/-_.,:=+".contains($0) }
        return plain && !word.isEmpty
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    // MARK: Machine

    private static var memory: String? {
        lines("/proc/meminfo").first { $0.hasPrefix("MemTotal:") }.flatMap { Int($0.filter(\.isNumber)) }
            .map { "\((Double($0) / 1_048_576).digits(1)) GiB" }
    }

    private static var system: String? {
        lines("/etc/os-release").first { $0.hasPrefix("PRETTY_NAME=") }
            .map { $0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" } }
    }

    /// Kind and device of what is mounted nearest above a folder.
    private static func fileSystem(of folder: Path) -> String? {
        guard let path = try? Folder.resolved(folder).string else { return nil }
        var best: (length: Int, text: String)?
        for line in lines("/proc/self/mountinfo") {
            // Number, parent, device, root, place, options, any more, "-", kind, source.
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), fields.count > dash + 2 else { continue }
            let place = String(fields[4])
            guard place == "/" || path == place || path.hasPrefix(place + "/") else { continue }
            // Of two at one place the later one covers the earlier.
            if let best, place.count < best.length { continue }
            best = (place.count, "\(fields[dash + 1]) on \(fields[dash + 2]) (\(fields[5]))")
        }
        return best?.text
    }

    private static func firstLine(_ file: Path) -> String? { lines(file).first }

    private static func lines(_ file: Path) -> [String] {
        guard let bytes = try? SmallFile.read(file, limit: 1 << 20) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    // MARK: The measured command

    /// The commit of the checkout in which it lies, which need not be that of which it was built: it does not say.
    private static func checkout(around file: Path, _ place: Path) -> String? {
        guard let git = Command.found("git").first else { return nil }
        let words = ["-C", file.parent.string, "describe", "--always", "--dirty", "--abbrev=12"]
        return said(git, words, place)
    }

    private static func digest(of file: Path, _ place: Path) -> String? {
        Command.found("sha256sum").first.flatMap { said($0, [file.string], place) }.map { String($0.prefix(64)) }
    }

    /// The first line that a program prints; nil if it fails.
    private static func said(_ program: Path, _ words: [String], _ place: Path) -> String? {
        let answer = place.appending("cairn-bench-answer-\(Machine.processID)")
        defer { try? Folder.remove(answer) }
        guard (try? Child.time(Command([program.string] + words), output: answer.string, errors: "/dev/null")) != nil
        else { return nil }
        return firstLine(answer)
    }
}
