internal import Cairn
internal import CommandLine
internal import Crypto
internal import Posix

/// `cairn manifest`: the record of a snapshot, and what is in it.
enum ManifestCommand {
    struct Options: OptionGroup {
        let items = Flag("items", help: "Add every item with its path, type, and for files size and SHA-256.")
        let sums = Flag("sha256sum", help: "Print a list for \"sha256sum -c\", to be used inside the restored folder.")
        let choice = SnapshotChoiceOptions()
        let part = OptionalOperand("SNAP[:PATH]", .snapshotPart, help: "The snapshot; with a path, the items below it.")
    }

    static let command: CairnCommand = .init(
        "manifest", section: CommandSection.snapshots, summary: "show the record of a snapshot",
        discussion: """
            The manifest says what was saved, when, how and by whom, and holds the Merkle root that proves it. It is
            printed as JSON, in lines; with --json, in one line.

            The list of --sha256sum has the paths that restoring the same SNAP[:PATH] gives below its target.
            """,
        examples: [
            Example("cairn manifest latest", "Show the record of the newest snapshot."),
            Example(
                "cairn manifest latest:/home/ada --sha256sum > sums", "Make a list to check a restored folder with."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        guard !arguments.sums || !(arguments.items || context.globals.json) else {
            throw UsageError("--sha256sum prints a list, which is no JSON: leave out --items and --json")
        }
        guard arguments.part?.path == nil || arguments.items || arguments.sums else {
            throw UsageError("the manifest is that of the whole snapshot", hint: "give --items for the items of a part")
        }
        return try Browsing.run(context) { browsing in
            let snapshot = try arguments.choice.resolve(arguments.part, in: browsing.list, context)
            if arguments.sums {
                try printSums(try browsing.part(arguments.part?.path, of: snapshot), browsing)
            } else {
                try printManifest(snapshot, arguments, browsing)
            }
            return .done
        }
    }

    private static func printSums(_ top: TreeEntry, _ browsing: Browsing) throws {
        func tell(_ path: [UInt8], _ entry: TreeEntry) {
            guard case .file(_, _, let digest, _) = entry.node else { return }
            browsing.context.console.write(DigestLine.bytes(digest, Path(path)))
        }
        tell(top.name, top)
        try browsing.reader.walk(top) { path, entry throws(CairnError) in
            try browsing.check()
            tell(path, entry)
            return true
        }
    }

    private static func printManifest(
        _ snapshot: Snapshot, _ arguments: Arguments<Options>, _ browsing: Browsing
    ) throws {
        let (console, isJSON) = (browsing.context.console, browsing.context.globals.json)
        let written = JSONText.written(try snapshot.manifest.json()).bytes
        let json = isJSON ? written : JSONIndenter.indent(written)
        guard arguments.items else { return console.write(json + [UInt8(ascii: "\n")]) }
        // The items stream: there may be more than memory holds.
        let top = try browsing.part(arguments.part?.path, of: snapshot)
        let place = arguments.part?.path ?? Path("/")
        let (separator, end) = isJSON ? (",", "]}") : (",\n    ", "\n  ]\n}")
        console.write(json.dropLast(isJSON ? 1 : 2))
        console.write(Array((isJSON ? ",\"items\":[" : ",\n  \"items\": [\n    ").utf8))
        var isFirst = true
        func tell(_ path: Path, _ entry: TreeEntry) {
            var fields = JSONText.fields(of: path, as: "path")
            fields.append(("type", .string(EntryJSON.type(entry.node))))
            if case .file(let size, _, let digest, _) = entry.node {
                fields += [("size", .integer(Int(clamping: size))), ("sha256", .string(digest.hex))]
            }
            console.write(Array((isFirst ? "" : separator).utf8) + JSONText.object(fields).bytes)
            isFirst = false
        }
        if !top.node.isDirectory { tell(place, top) }
        try browsing.reader.walk(top) { path, entry throws(CairnError) in
            try browsing.check()
            tell(place.below(path), entry)
            return true
        }
        console.print(end)
    }
}
