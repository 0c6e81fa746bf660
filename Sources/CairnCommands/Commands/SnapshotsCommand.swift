internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// `cairn snapshots`: lists snapshots.
enum SnapshotsCommand {
    struct Options: OptionGroup {
        let latest = Option("latest", .count(1...Int.max), help: "Only the newest N of each source.")
        let forgotten = Flag("forgotten", help: "Those that were forgotten and can come back, and since when.")
        let filters = SnapshotFilterOptions()
        let snapshots = OperandList("SNAP", .snapshot, help: "Only these snapshots.")
    }

    static let command: CairnCommand = .init(
        "snapshots", aliases: ["list"], section: CommandSection.snapshots, summary: "list snapshots",
        discussion: """
            Snapshots of the same source, that is of the same machine and paths, stand together, the oldest first. Times are
            local. A snapshot that says "incomplete" lacks something that could not be read.

            With --json, one array of manifests, the oldest first.
            """,
        examples: [
            Example("cairn snapshots --latest 1", "Show the newest of each source."),
            Example("cairn snapshots --tag home --since 7d", "Show those of the last seven days with the tag home."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let store = try RepositoryAccess.open(RepositoryLocation.resolve(context), context)
        let living = try SnapshotList.read(store, context)
        let forgotten = arguments.forgotten ? try ForgottenList.read(store, beside: living, context) : nil
        let list = forgotten?.list ?? living
        var chosen = try arguments.filters.choose(arguments.snapshots, in: list)
        if let count = arguments.latest { chosen = newest(count, of: chosen) }
        if context.globals.json {
            context.console.print(.array(try chosen.map { try json($0, forgotten) }))
        } else {
            show(chosen, of: list.snapshots.count, forgotten, context)
            if living.snapshots.isEmpty, forgotten == nil { try explainNone(store, context) }
        }
        return list.exitCode
    }

    /// The last of each source, in the order of the list.
    private static func newest(_ count: Int, of snapshots: [Snapshot]) -> [Snapshot] {
        var seen: [SnapshotSource: Int] = [:]
        return snapshots.reversed().filter { snapshot in
            seen[SnapshotSource(snapshot.manifest), default: 0] += 1
            return seen[SnapshotSource(snapshot.manifest), default: 0] <= count
        }.reversed()
    }

    // MARK: For people

    private static func show(
        _ snapshots: [Snapshot], of count: Int, _ forgotten: ForgottenList?, _ context: CommandContext
    ) {
        let console = context.console
        let width = console.tableWidth(context.environment)
        let groups = Dictionary(grouping: snapshots) { SnapshotSource($0.manifest) }.sorted { $0.key < $1.key }
        for (index, (source, snapshots)) in groups.enumerated() {
            if index > 0 { console.print() }
            for line in source.heading { console.print(width.map { DisplayWidth.cut(line, to: $0) } ?? line) }
            for line in table(snapshots, forgotten).lines(width: width) { console.print(line) }
        }
        let noun = forgotten == nil ? "snapshot" : "forgotten snapshot"
        guard snapshots.isEmpty else { return console.note(Quantity.count(snapshots.count, noun)) }
        let are = Quantity.form(count, "is", "are")
        console.note("no \(noun)s" + (count > 0 ? " that fit; there \(are) \(count) in all" : ""))
    }

    /// What there is where no snapshot is.
    private static func explainNone(_ store: Store, _ context: CommandContext) throws {
        let hidden = try store.forgottenRoots().roots.count
        let stored = try store.storedBytes()
        if hidden > 0 {
            context.console.note("\(hidden) forgotten: \"cairn snapshots --forgotten\" lists them")
        } else if stored > 0 {
            context.console.note(
                "\(Quantity.bytes(Int(clamping: stored))) are stored all the same, by a run that did not end or for snapshots that were lost: "
                    + "\"cairn repair --recover\" makes new ones of what is whole")
        }
    }

    private static func table(_ snapshots: [Snapshot], _ forgotten: ForgottenList?) -> TextTable {
        var table = TextTable([
            .init(title: "ID"), .init(title: "Time"), .init(title: "Strategy"), .init(title: "Size", isNumber: true),
            .init(title: "Files", isNumber: true), .init(title: "Tags", isElastic: true), .init(title: "Remarks"),
            .init(title: "Forgotten"),
        ])
        for snapshot in snapshots {
            let manifest = snapshot.manifest
            table.add([
                snapshot.id.short, manifest.time.on(.machine).local, manifest.strategy.short,
                ByteCount.text(Int(clamping: manifest.statistics.totalBytesProcessed)),
                "\(manifest.statistics.totalFilesProcessed)", manifest.tags.joined(separator: ","),
                manifest.incomplete ? "incomplete" : "", forgotten?.forgotten(snapshot).local ?? "",
            ])
        }
        return table
    }

    // MARK: For programs

    private static func json(_ snapshot: Snapshot, _ forgotten: ForgottenList?) throws -> JSONText {
        var names: [(String, JSONText)] = [
            ("id", .string(snapshot.id.description)), ("short_id", .string(snapshot.id.short)),
        ]
        if let forgotten { names.append(("forgotten", .string(forgotten.forgotten(snapshot).rfc3339))) }
        let opening = JSONText.object(names).bytes.dropLast()
        return .written(opening + [UInt8(ascii: ",")] + (try snapshot.manifest.json().dropFirst()))
    }
}

extension Strategy {
    /// For a narrow column.
    fileprivate var short: String {
        switch self {
        case .incremental: "incr"
        case .differential: "diff"
        case .full: "full"
        }
    }
}
