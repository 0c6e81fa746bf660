internal import Cairn
internal import CommandLine
internal import Posix

/// `cairn snapshots`: lists snapshots.
enum SnapshotsCommand {
    struct Options: OptionGroup {
        let latest = Option("latest", .count(1...Int.max), help: "Only the newest N of each source.")
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
        let list = try SnapshotList.read(store, context)
        var chosen = try arguments.filters.choose(arguments.snapshots, in: list)
        if let count = arguments.latest { chosen = newest(count, of: chosen) }
        if context.globals.json {
            context.console.print(.array(try chosen.map { try json($0) }))
        } else {
            show(chosen, context)
        }
        return list.exitCode
    }

    /// The last of each source, in the order of the list.
    private static func newest(_ count: Int, of snapshots: [Snapshot]) -> [Snapshot] {
        var seen: [SnapshotSource: Int] = [:]
        return snapshots.reversed().filter { snapshot in
            seen[SnapshotSource(snapshot), default: 0] += 1
            return seen[SnapshotSource(snapshot), default: 0] <= count
        }.reversed()
    }

    // MARK: For people

    private static func show(_ snapshots: [Snapshot], _ context: CommandContext) {
        let console = context.console
        let width = console.tableWidth(context.environment)
        let groups = Dictionary(grouping: snapshots) { SnapshotSource($0) }.sorted { $0.key < $1.key }
        for (index, (source, snapshots)) in groups.enumerated() {
            if index > 0 { console.print() }
            for line in source.heading { console.print(width.map { DisplayWidth.cut(line, to: $0) } ?? line) }
            for line in table(snapshots).lines(width: width) { console.print(line) }
        }
        console.note(
            snapshots.isEmpty ? "no snapshots" : snapshots.count == 1 ? "1 snapshot" : "\(snapshots.count) snapshots")
    }

    private static func table(_ snapshots: [Snapshot]) -> TextTable {
        var table = TextTable([
            .init(title: "ID"), .init(title: "Time"), .init(title: "Strategy"), .init(title: "Size", isNumber: true),
            .init(title: "Files", isNumber: true), .init(title: "Tags", isElastic: true), .init(title: "Remarks"),
        ])
        for snapshot in snapshots {
            let manifest = snapshot.manifest
            table.add([
                snapshot.id.short, manifest.time.on(.machine).local, manifest.strategy.short,
                ByteCount.text(Int(clamping: manifest.statistics.totalBytesProcessed)),
                "\(manifest.statistics.totalFilesProcessed)", manifest.tags.joined(separator: ","),
                manifest.incomplete ? "incomplete" : "",
            ])
        }
        return table
    }

    // MARK: For programs

    private static func json(_ snapshot: Snapshot) throws -> JSONText {
        let names: JSONText = ["id": .string(snapshot.id.description), "short_id": .string(snapshot.id.short)]
        return .written(names.bytes.dropLast() + [UInt8(ascii: ",")] + (try snapshot.manifest.json().dropFirst()))
    }
}

/// What snapshots are grouped by: a machine, and absolute paths on it.
struct SnapshotSource: Hashable, Comparable {
    let host: String
    let paths: [Path]

    init(_ snapshot: Snapshot) {
        host = snapshot.manifest.hostname
        paths = snapshot.manifest.paths.sorted()
    }

    /// The lines above the snapshots of this source.
    var heading: [String] {
        let shown = paths.map(\.printable)
        let host = "\(PrintableText.escape(host)):"
        return shown.count <= 1 ? [([host] + shown).joined(separator: " ")] : [host] + shown.map { "  \($0)" }
    }

    static func < (left: SnapshotSource, right: SnapshotSource) -> Bool {
        left.host != right.host ? left.host < right.host : left.paths.lexicographicallyPrecedes(right.paths)
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
