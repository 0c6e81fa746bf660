internal import Cairn
internal import CommandLine
internal import Posix

/// `cairn cat`: a file of a snapshot, to standard output.
enum CatCommand {
    struct Options: OptionGroup {
        let choice = SnapshotChoiceOptions()
        let file = Operand("SNAP:FILE", .snapshotPart, help: "The file: snapshot, colon, path.")
    }

    static let command: CairnCommand = .init(
        "cat", section: CommandSection.snapshots, summary: "write a file of a snapshot to standard output",
        examples: [Example("cairn cat latest:/etc/fstab", "Show a file as it was.")],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        guard let path = arguments.file.path else {
            throw UsageError("a snapshot alone is no file", hint: "name the file behind a colon: latest:/etc/fstab")
        }
        return try Browsing.run(context) { browsing in
            let snapshot = try arguments.choice.resolve(arguments.file, in: browsing.list, context)
            let entry = try browsing.part(path, of: snapshot)
            guard case .file(_, let content, _, _) = entry.node else { throw refusal(path, entry) }
            do throws(CairnError) {
                try browsing.reader.forEachPiece(of: content) { piece throws(CairnError) in
                    try browsing.check()
                    context.console.write(piece)
                }
            } catch {
                guard [.damaged, .missing].contains(error.code) else { throw error }
                throw CairnError(
                    error.code, "cannot read \"\(path)\": \(error.message)", path: error.path, remedy: error.remedy)
            }
            return .done
        }
    }

    private static func refusal(_ path: Path, _ entry: TreeEntry) -> CommandFailure {
        switch entry.node {
        case .directory:
            CommandFailure(
                .failed, kind: "not_a_file", "\(path.printable) is a directory", path: path,
                hint: "\"cairn dump\" writes directories, as tar or zip")
        case .symbolicLink(let target):
            CommandFailure(
                .failed, kind: "not_a_file",
                "\(path.printable) is a symbolic link to \(PrintableText.escape(target))", path: path,
                hint: "name the file that it leads to")
        default:
            CommandFailure(
                .failed, kind: "not_a_file", "\(path.printable) has no content: it is a \(EntryJSON.type(entry.node))",
                path: path)
        }
    }
}
