internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// `cairn snapshot`: takes one.
enum SnapshotCommand {
    struct Options: OptionGroup {
        let strategy = DefaultedOption(
            "strategy", .choice, default: Strategy.incremental,
            help: "What is trusted and compared with: the last snapshot, the last full one, or nothing.")
        let force = Flag("force", help: "The same as --strategy full: read every byte.")
        let lists = SourceListOptions()
        let selection = SelectionOptions()
        let description = DescriptionOptions()
        let stream = StreamOptions()
        let dryRun = Flag("dry-run", short: "n", help: "Write nothing; say what would be done.")
        let skipIfUnchanged = Flag("skip-if-unchanged", help: "Make no snapshot if it would be equal to the last one.")
        let compression = DefaultedOption(
            "compression", .compression, default: CompressionLevel.automatic, shown: "auto",
            help: "How hard new data is compressed: off, auto, max, or a level from 1 to 19.")
        let readConcurrency = Option(
            "read-concurrency", .count(1...256), help: "Read this many files at once; without it, one a processor.")
        let verify = DefaultedOption(
            "verify", .choice, default: Verification.none,
            help: """
                Before the snapshot counts, read every pack that this run has written back and compare it with its SHA-256: packs, or none. \
                What earlier snapshots have stored is not read.
                """)
        let trust = DefaultedOption(
            "trust", .choice, default: SnapshotRequest.Trust.journal,
            help: "Where there is no journal: read everything, or trust equal sizes and modification times (mtime).")
        let ignoreInode = Flag("ignore-inode", help: "Trust files though their inodes have changed.")
        let ignoreCtime = Flag("ignore-ctime", help: "Trust files though their change times have changed.")
        let parent = Option("parent", .snapshot, help: "Compare with this snapshot.")
        let defaultRepository = Flag(
            "default-repository", help: "Make the default repository if it is missing, also in a script.")
        let command = Passthrough(
            "CMD", withFlag: "stdin-from-command", help: "The program whose output is taken, with its arguments.")
        let paths = OperandList("PATH", .file, help: "Files and folders, with all that is below them.")
    }

    enum Verification: String, CaseIterable, Sendable {
        case none, packs
    }

    static let command: CairnCommand = .init(
        "snapshot", aliases: ["backup"], section: CommandSection.snapshots,
        summary: "take a snapshot of files and folders",
        discussion: """
            Only what the repository does not have yet is stored. Files that look as they did at the last snapshot are not read again, unless
            the strategy is "full". What cannot be read is reported; the rest is done, and the snapshot is marked incomplete.

            A link is taken as a link. One to a folder, given with a slash at its end (LINK/), stands for that folder, which is taken under its own path.

            Patterns are restic's: a leading slash anchors at the root, "**" stands for any folders, "!" takes back, the last match counts.
            """,
        examples: [
            Example("cairn snapshot ~/documents", "Take a snapshot of a folder."),
            Example(
                "cairn snapshot / -x --exclude-caches --tag system", "Take one of a system without other file systems."),
            Example(
                "cairn snapshot --stdin-from-command --stdin-filename db.sql -- pg_dumpall", "Keep a program's output."),
        ],
        options: Options.self
    ) { arguments, context in
        try SnapshotRun(arguments, context).run()
    }
}

/// What a snapshot says of itself.
struct DescriptionOptions: OptionGroup {
    let tags = OptionList("tag", .tags, help: "Give the snapshot these tags.")
    let host = Option("host", .text.named("HOST"), help: "Say that it is of this machine.")
    let time = Option("time", .time(.start), help: "Say that it was taken then.")
    let labels = OptionList("label", .keyValue, help: "Let it remember this, as key=value; each key once.")
}

/// Where the content of a snapshot comes from if not from files.
struct StreamOptions: OptionGroup {
    let stdin = Flag("stdin", help: "Take what comes from standard input, as one file.")
    let stdinFilename = Option(
        "stdin-filename", .file.named("NAME"), help: "What that file is called; without it, stdin.")
    let stdinFromCommand = Flag(
        "stdin-from-command", help: "Take the output of a program, as one file; if it fails, there is no snapshot.")
}

extension ValueParser where Value == CompressionLevel {
    /// `off`, `auto`, `max`, or a level.
    static var compression: ValueParser {
        ValueParser("LEVEL", completion: .words(["off", "auto", "max"])) { argument throws(ValueProblem) in
            switch argument.string {
            case "off": return .off
            case "auto": return .automatic
            case "max": return .level(19)
            case let text?:
                if let level = Int(text), (1...19).contains(level) { return .level(level) }
            default: break
            }
            throw ValueProblem("not a compression level", hint: "write off, auto, max, or a number from 1 to 19")
        }
    }
}
