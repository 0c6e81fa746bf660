internal import Cairn
internal import CommandLine
internal import Crypto
internal import Posix

/// `cairn find`: looks for files in many snapshots.
enum FindCommand {
    struct Options: OptionGroup {
        let ignoreCase = Flag("ignore-case", short: "i", help: "Do not tell capital from small letters.")
        let digest = Option("sha256", .digest, help: "Only files with this content.")
        let size = Option("size", .sizeRange, help: "Only files of this length; +N: longer, -N: shorter.")
        let newer = Option("newer", .time(.start), help: "Only what was modified at this time or later.")
        let older = Option("older", .time(.end), help: "Only what was modified at this time or earlier.")
        let long = Flag("long", short: "l", help: "Show permissions, owners, size and time of each version.")
        let null = Flag(
            "null", short: "0", help: "Print each path once, ended by a NUL byte, and escape nothing: for programs.")
        let filters = SnapshotFilterOptions()
        let patterns = OperandList(
            "PATTERN", .bytes.named("PATTERN"),
            help: "A name, or a path; *, ? and [a-z] stand for others, ** for any folders.")
    }

    static let command: CairnCommand = .init(
        "find", section: CommandSection.snapshots, summary: "find files in snapshots",
        discussion: """
            A pattern without a slash is compared with names, one with a slash with the end of the path, or with all of it
            if it begins with the slash. Of several patterns one must fit; without any, everything that the options leave is found.

            Each version of a path, equal in bytes and metadata, is shown once, with the snapshots that hold it. Nothing found is no failure: exit code 0.
            """,
        examples: [
            Example("cairn find report.odt", "Show which snapshots hold which version of a file."),
            Example(
                "cairn find '*.iso' --size +1G --host amber", "Look for large images in the snapshots of one machine."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let criteria = try criteria(arguments)
        guard !arguments.null || !(arguments.long || context.globals.json) else {
            throw UsageError("--null prints paths alone: leave out --long and --json")
        }
        return try Browsing.run(context) { browsing in
            let snapshots = browsing.list.snapshots(try arguments.filters.filter())
            var roots: [TreeEntry] = []
            for snapshot in snapshots { roots.append(try browsing.root(of: snapshot)) }
            let report = FoundReport(context: context, snapshots: snapshots, isLong: arguments.long)
            var last: Path?
            try SnapshotSearch(browsing.reader, criteria).run(roots, cancellation: browsing.cancellation) {
                match throws(CairnError) in
                try browsing.check()
                defer { last = match.path }
                if arguments.null {
                    if match.path != last { context.console.write(match.path.bytes + [0]) }
                } else {
                    report.show(match, isSamePath: match.path == last)
                }
            }
            if last == nil, !context.globals.json { context.console.note(nothing(arguments, in: snapshots.count)) }
            return browsing.list.exitCode
        }
    }

    /// What to say where nothing was found.
    private static func nothing(_ arguments: Arguments<Options>, in count: Int) -> String {
        guard count > 0 else { return "there is no snapshot to look in" }
        let place = Quantity.count(count, "snapshot")
        guard arguments.patterns.count == 1, let pattern = arguments.patterns.first else {
            return "nothing in \(place) fits"
        }
        let isPlain = !pattern.bytes.contains { "*?[".utf8.contains($0) }
        return "nothing in \(place) is called \"\(pattern.shown)\""
            + (isPlain ? "; * stands for any letters: cairn find '*\(pattern.shown)*'" : "")
    }

    private static func criteria(_ arguments: Arguments<Options>) throws -> SnapshotSearch.Criteria {
        var criteria = SnapshotSearch.Criteria()
        var patterns: [FindPattern] = []
        for bytes in arguments.patterns.map(\.bytes) {
            do throws(PatternError) {
                patterns.append(try FindPattern(bytes, ignoringCase: arguments.ignoreCase))
            } catch { throw UsageError("\(error)") }
        }
        criteria.digest = arguments.digest
        criteria.sizes = arguments.size
        criteria.newer = arguments.newer
        criteria.older = arguments.older
        let isAnything = [criteria.digest != nil, criteria.sizes != nil, criteria.newer != nil, criteria.older != nil]
        guard !patterns.isEmpty || isAnything.contains(true) else {
            throw UsageError("nothing is looked for", hint: "give a pattern, --sha256, --size, --newer or --older")
        }
        if !patterns.isEmpty {
            criteria.matches = { path, isDirectory in
                patterns.contains { $0.matches(path: path, isDirectory: isDirectory) }
            }
        }
        return criteria
    }
}

/// What was found, for people and programs.
private struct FoundReport {
    let context: CommandContext
    let snapshots: [Snapshot]
    let isLong: Bool
    private let text = EntryText()

    init(context: CommandContext, snapshots: [Snapshot], isLong: Bool) {
        self.context = context
        self.snapshots = snapshots
        self.isLong = isLong
    }

    func show(_ match: SnapshotSearch.Match, isSamePath: Bool) {
        let holders = match.snapshots.map { snapshots[$0] }
        guard !context.globals.json else {
            return context.console.print(
                .object(
                    [("message_type", "match")] + EntryJSON.fields(match.path, match.entry)
                        + [("snapshots", .array(holders.map { .string($0.id.description) }))]))
        }
        if !isSamePath { context.console.print(match.path.printable) }
        if isLong { context.console.print("  " + text.long(match.path, match.entry)) }
        let (first, last) = (holders[0].manifest.time.on(.machine).local, holders[holders.count - 1])
        let span = holders.count == 1 ? first : "\(first) to \(last.manifest.time.on(.machine).local)"
        let ids = holders.map(\.id.short).joined(separator: " ")
        context.console.print("  \(Quantity.count(holders.count, "snapshot")), \(span): \(ids)")
    }
}

extension ValueParser where Value == SHA256Digest {
    /// 64 hexadecimal digits.
    fileprivate static var digest: ValueParser {
        ValueParser("DIGEST") { argument throws(ValueProblem) in
            guard let digest = argument.string.flatMap({ SHA256Digest(hex: $0.lowercased()) }) else {
                throw ValueProblem("not a SHA-256", hint: "it has 64 hexadecimal digits")
            }
            return digest
        }
    }
}

extension ValueParser where Value == ClosedRange<UInt64> {
    /// A length, or all above or below it.
    fileprivate static var sizeRange: ValueParser {
        ValueParser("[+-]SIZE") { argument throws(ValueProblem) in
            let sign = argument.bytes.first
            let isRange = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
            let size = UInt64(
                try ByteCount.parse(ArgumentValue(bytes: Array(argument.bytes.dropFirst(isRange ? 1 : 0)))))
            switch sign {
            case UInt8(ascii: "+"): return (size + 1)...UInt64.max
            case UInt8(ascii: "-"):
                guard size > 0 else { throw ValueProblem("nothing is shorter than that") }
                return 0...(size - 1)
            default: return size...size
            }
        }
    }
}
