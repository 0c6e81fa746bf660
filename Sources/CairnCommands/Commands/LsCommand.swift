internal import Cairn
internal import CommandLine
internal import Posix

/// `cairn ls`: lists what is in a snapshot.
enum LsCommand {
    struct Options: OptionGroup {
        let long = Flag("long", short: "l", help: "Show permissions, owners, size, time and where links lead.")
        let noRecursive = Flag("no-recursive", help: "Show what is in the folder, and not what is in folders below it.")
        let digest = Flag("digest", help: "Show the SHA-256 of each file, as sha256sum does; only files are listed.")
        let changes = Flag("changes", help: "Show only what differs from the snapshot's base, as diff does.")
        let humanReadable = Flag("human-readable", help: "Show sizes with units.")
        let null = Flag("null", short: "0", help: "End each path with a NUL byte, and escape nothing: for programs.")
        let choice = SnapshotChoiceOptions()
        let snapshot = OptionalOperand("SNAP[:PATH]", .snapshotPart, help: "The snapshot, or a part of it.")
    }

    static let command: CairnCommand = .init(
        "ls", section: CommandSection.snapshots, summary: "list what is in a snapshot",
        discussion: """
            Lists everything below the folder with its whole path, folders before what is in them, names in the order of
            their bytes. Control characters in names are shown escaped.

            With --changes, a letter stands before each path: + added, - removed, M other content, U other metadata only,
            T became something else. If the base was forgotten, the nearest earlier snapshot of the same source is
            taken, and a note says so.
            """,
        examples: [
            Example("cairn ls latest:/home/ada -l", "Show what /home/ada held, with details."),
            Example("cairn ls latest --changes", "Show what the newest snapshot has changed."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        guard !arguments.changes || !(arguments.null || arguments.digest || arguments.noRecursive) else {
            throw UsageError("--changes does not go with --null, --digest and --no-recursive")
        }
        guard !arguments.null || !(arguments.long || arguments.digest || context.globals.json) else {
            throw UsageError("--null prints paths alone: leave out --long, --digest and --json")
        }
        return try Browsing.run(context) { browsing in
            let reference = arguments.snapshot
            let snapshot = try arguments.choice.resolve(reference, in: browsing.list, context)
            let place = reference?.path ?? Path("/")
            if context.globals.json {
                context.console.print(.object([("message_type", "snapshot")] + EntryJSON.fields(snapshot)))
            }
            if arguments.changes {
                try showChanges(of: snapshot, at: place, arguments, browsing)
            } else {
                try show(try browsing.part(reference?.path, of: snapshot), at: place, arguments, browsing)
            }
            return .done
        }
    }

    private static func show(
        _ top: TreeEntry, at place: Path, _ arguments: Arguments<Options>, _ browsing: Browsing
    ) throws {
        let console = browsing.context.console
        let isJSON = browsing.context.globals.json
        let text = EntryText(isHumanReadable: arguments.humanReadable)
        func tell(_ path: Path, _ entry: TreeEntry) {
            if isJSON {
                console.print(.object([("message_type", "node")] + EntryJSON.fields(path, entry)))
            } else if arguments.null {
                console.write(path.bytes + [0])
            } else if arguments.digest {
                guard case .file(_, _, let digest, _) = entry.node else { return }
                console.write(DigestLine.bytes(digest, path))
            } else {
                console.print(arguments.long ? text.long(path, entry) : path.printable)
            }
        }
        guard top.node.isDirectory else { return tell(place, top) }
        let isRecursive = !arguments.noRecursive
        try browsing.reader.walk(top) { path, entry throws(CairnError) in
            try browsing.check()
            tell(place.below(path), entry)
            return isRecursive
        }
    }

    private static func showChanges(
        of snapshot: Snapshot, at place: Path, _ arguments: Arguments<Options>, _ browsing: Browsing
    ) throws {
        let console = browsing.context.console
        let base: Snapshot?
        switch browsing.list.changesBase(of: snapshot) {
        case .own(let own): base = own
        case .nearest(let nearest):
            base = nearest
            console.note(
                "the base is gone: compared with \(nearest.id.short) of \(nearest.manifest.time.on(.machine).local)")
        case .none:
            base = nil
            console.note("the snapshot has no base: everything is new")
        }
        var old: TreeEntry?
        if let base { old = try browsing.reader.entry(at: place, below: browsing.root(of: base)) }
        let new = try browsing.reader.entry(at: place, below: browsing.root(of: snapshot))
        // What the snapshot has removed is not in it, and can be asked for all the same.
        if old == nil && new == nil { _ = try browsing.part(place, of: snapshot) }
        var report = ChangeReport(browsing.context, at: place)
        if arguments.long { report.text = EntryText(isHumanReadable: arguments.humanReadable) }
        report.isDetailed = true
        try TreeComparison(browsing.reader, old: old, new: new).run(cancellation: browsing.cancellation) {
            change throws(CairnError) in
            try browsing.check()
            report.add(change)
        }
    }
}
