internal import CommandLine
internal import Posix

/// `cairn man`: the man pages, for `make man` and packages.
enum ManCommand {
    struct Options: OptionGroup {
        let target = OperandList(
            "DIR|COMMAND", .folder, atLeast: 1,
            help: "A folder, with a slash in its name, to write all pages to; or a command whose page is printed.")
    }

    static let command: CairnCommand = .init(
        "man", section: CommandSection.program, summary: "write the man pages", hidden: true, options: Options.self
    ) { arguments, context in
        try run(arguments.target, context)
    }

    private static func run(_ target: [ArgumentValue], _ context: CommandContext) throws -> ExitCode {
        if target.count == 1, target[0].bytes.contains(UInt8(ascii: "/")) {
            try write(to: Path(target[0].bytes))
            return .done
        }
        let words = target.map(\.shown)
        guard let page = CairnProgram.program.manPage(words == [CairnProgram.name] ? [] : words) else {
            throw UsageError(
                "there is no man page of \"\(words.joined(separator: " "))\"",
                hint: "a folder is written with a slash: ./man")
        }
        context.console.write(Array(page.utf8))
        return .done
    }

    private static func write(to folder: Path) throws {
        try Folder.makeAll(folder, mode: 0o755)
        for (file, text) in CairnProgram.program.manPages {
            try SmallFile.replace(folder.appending(file), with: Array(text.utf8))
        }
    }
}
