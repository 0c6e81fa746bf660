internal import Cairn
internal import CommandLine
internal import Posix

/// `cairn dump`: a snapshot or a part of it as an archive.
enum DumpCommand {
    struct Options: OptionGroup {
        let format = DefaultedOption("format", .choice, default: TreeExport.Format.tar, help: "The kind of archive.")
        let target = Option("target", .file, help: "Write to this file; - or nothing is standard output.")
        let choice = SnapshotChoiceOptions()
        let part = OptionalOperand("SNAP[:PATH]", .snapshotPart, help: "The snapshot, or a part of it.")
    }

    static let command: CairnCommand = .init(
        "dump", section: CommandSection.snapshots, summary: "write a snapshot, or a part of it, as tar or zip",
        discussion: """
            The names in the archive are the paths below the part that is named; of a whole snapshot the absolute paths
            without their first slash.

            tar is POSIX tar (pax): names, times, attributes, hard links, holes and devices are exact; sockets are left
            out. GNU tar sets attributes and access control lists with --xattrs and --acls. zip keeps files, folders, links, modes, owners and whole seconds, and does not compress. What is left out is told.
            """,
        examples: [
            Example("cairn dump latest:/home/ada | tar -xC /tmp/x", "Unpack a folder elsewhere."),
            Example("cairn dump latest --format zip --target all.zip", "Make a zip file of everything."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let target = arguments.target.flatMap { $0 == "-" ? nil : Path($0.bytes) }
        guard target != nil || !context.console.isOutputTerminal else {
            throw UsageError(
                "an archive is nothing for a terminal",
                hint: "send it to a file or program, or name a file: --target FILE")
        }
        return try Browsing.run(context) { browsing in
            let snapshot = try arguments.choice.resolve(arguments.part, in: browsing.list, context)
            let top = try browsing.part(arguments.part?.path, of: snapshot)
            if let target {
                let file = try ArchiveFile(target)
                try export(top, arguments, browsing) { piece throws(CairnError) in try file.write(piece) }
                try file.finish()
            } else {
                try export(top, arguments, browsing) { piece throws(CairnError) in
                    try browsing.check()
                    context.console.write(piece)
                }
            }
            return .done
        }
    }

    private static func export(
        _ top: TreeEntry, _ arguments: Arguments<Options>, _ browsing: Browsing,
        _ write: @escaping (UnsafeRawBufferPointer) throws(CairnError) -> Void
    ) throws {
        let context = browsing.context
        // A quarter of the memory, beside the quarter that readers take.
        let export = TreeExport(browsing.reader, format: arguments.format, lookAheadBytes: context.globals.memory / 4)
        _ = try ProgressDisplay.during(context) { progress in
            try export.run(
                top, progress: progress, cancellation: browsing.cancellation,
                skipped: { name, reason in context.console.note("left out \(Path(name).printable): \(reason)") },
                write: write)
        }
    }
}

/// The file that an archive is written to.
private final class ArchiveFile {
    private let file: FileDescriptor

    init(_ path: Path) throws {
        do throws(PosixError) {
            file = try FileDescriptor.open(path, [.write, .create, .truncate], mode: 0o600)
        } catch { throw CommandFailure(error, "cannot make the archive", kind: "target") }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(CairnError) {
        do throws(PosixError) { try file.write(all: bytes) } catch { throw Self.failure(error) }
    }

    /// Some file systems tell only now that there was no room. Pipes and devices have nothing to tell.
    func finish() throws(CairnError) {
        do throws(PosixError) { try file.synchronize() } catch {
            if ![.invalidArgument, .notSupported].contains(error.errno) { throw Self.failure(error) }
        }
    }

    private static func failure(_ error: PosixError) -> CairnError {
        CairnError(.target, error, remedy: "the archive is not whole: remove it")
    }
}
