internal import Cairn
internal import CommandLine
internal import Posix

/// Files that say what a snapshot is taken of.
struct SourceListOptions: OptionGroup {
    static let title: String? = "What is taken"

    let patterns = OptionList(
        "files-from", .file, help: "Take what the patterns in this file fit, one a line; - is standard input.")
    let verbatim = OptionList(
        "files-from-verbatim", .file, help: "Take what this file names, one name a line, without any pattern.")
    let raw = OptionList("files-from-raw", .file, help: "Take what this file names, each name ended by a NUL byte.")
}

/// Reads lists of sources. What they name together is bounded, for all of it is held in memory.
struct SourceLists {
    /// At most this much of a list is read.
    private static let listBytesMax = 64 << 20
    /// At most this many paths may be named.
    private static let pathsMax = 1 << 20

    private let console: Console
    private var found: Set<Path> = []
    private var isInputRead = false
    /// Folders that a pattern looks into and that cannot be listed: what it would have named there is not known.
    private(set) var failures: [ItemFailure] = []
    /// One is enough to make a snapshot incomplete.
    private static let failuresMax = 1_000
    /// Whether there is any list.
    let isGiven: Bool

    /// Reads the lists that are given.
    init(_ arguments: Arguments<SourceListOptions>, _ context: CommandContext) throws {
        console = context.console
        isGiven = !(arguments.patterns.isEmpty && arguments.verbatim.isEmpty && arguments.raw.isEmpty)
        for list in arguments.patterns { try readPatterns(list) }
        for list in arguments.verbatim { try readLines(list) }
        for list in arguments.raw { try readRaw(list) }
    }

    /// What the lists name, in no order.
    var paths: [Path] { Array(found) }

    // MARK: The three kinds

    private mutating func readPatterns(_ list: ArgumentValue) throws {
        let bytes = try read(list)
        let patterns: [(line: Int, pattern: SourcePattern)]
        do throws(PatternError) { patterns = try SourcePattern.patterns(in: bytes) } catch {
            throw UsageError("\(Self.name(list)), \(PrintableText.safe("\(error)"))")
        }
        for (line, pattern) in patterns {
            var fitting = 0
            let warn = { [console] (text: String) in console.warn("\(Self.name(list)), line \(line): \(text)") }
            var failures: [ItemFailure] = []
            let failed = { (error: PosixError) in
                let place = error.path.flatMap { try? Folder.absolute($0) } ?? Path(".")
                let reason = "it cannot be read: \(error.errno)"
                // What is taken back was named by something else, so nothing is missing.
                guard !pattern.takesBack else { return warn("\(place.printable): \(reason)") }
                failures.append(
                    ItemFailure(
                        path: place, kind: .access, message: "\(reason) (for \(Self.name(list)), line \(line))"))
            }
            try pattern.expand(failed: failed) { (path) throws(CairnError) in
                fitting += 1
                if pattern.takesBack { found.remove(path) } else { try add(path) }
            }
            self.failures += failures.prefix(max(0, Self.failuresMax - self.failures.count))
            if fitting == 0 { warn("nothing fits the pattern \(PrintableText.escape(pattern.bytes))") }
        }
    }

    private mutating func readLines(_ list: ArgumentValue) throws {
        for (index, line) in try read(list).split(separator: Self.lineBreak, omittingEmptySubsequences: false)
            .enumerated()
        {
            let name = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if name.isEmpty { continue }
            guard !name.contains(0) else {
                throw CommandFailure(
                    .failed, kind: "list", "\(Self.name(list)), line \(index + 1): there is a NUL byte in the name",
                    hint: "--files-from-raw reads names that are ended by NUL bytes")
            }
            try add(Path(name))
        }
    }

    private mutating func readRaw(_ list: ArgumentValue) throws {
        let bytes = try read(list)
        guard bytes.isEmpty || bytes.last == 0 else {
            throw CommandFailure(
                .failed, kind: "list", "\(Self.name(list)): the last name is not ended by a NUL byte",
                hint:
                    "the list may be torn; \"find -print0\" writes such lists, --files-from-verbatim reads one name a line"
            )
        }
        for (index, name) in bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false).enumerated()
        where !bytes.isEmpty {
            guard !name.isEmpty else {
                throw CommandFailure(
                    .failed, kind: "list", "\(Self.name(list)): name \(index + 1) is empty",
                    hint: "each name is followed by one NUL byte")
            }
            try add(Path(name))
        }
    }

    // MARK: Reading

    private mutating func add(_ path: Path) throws(CairnError) {
        found.insert(path)
        if found.count > Self.pathsMax {
            throw CairnError(
                .usage, "more than \(Self.pathsMax) paths are named",
                remedy: "name folders instead of all that is in them")
        }
    }

    private mutating func read(_ list: ArgumentValue) throws -> [UInt8] {
        let path = Path(list.bytes)
        guard !(isInputRead && list == "-") else { throw UsageError("standard input can be only one of the lists") }
        do throws(PosixError) {
            guard list == "-" else { return try SmallFile.read(path, limit: Self.listBytesMax) }
            isInputRead = true
            return try SmallFile.read(
                FileDescriptor.duplicate(0, path: Path("standard input")), limit: Self.listBytesMax)
        } catch {
            guard error.errno != .fileTooLarge else {
                throw CommandFailure(
                    .failed, kind: "list", "\(Self.name(list)) is larger than \(ByteCount.text(Self.listBytesMax))",
                    path: path, hint: "name folders instead of all that is in them")
            }
            throw CommandFailure(error, "cannot read the list", kind: "list")
        }
    }

    private static func name(_ list: ArgumentValue) -> String {
        list == "-" ? "standard input" : list.shown
    }

    private static let lineBreak = UInt8(ascii: "\n")
}
