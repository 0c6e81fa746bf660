internal import Cairn
internal import CommandLine
internal import Posix

/// `cairn stats`: what snapshots and the repository hold.
enum StatsCommand {
    struct Options: OptionGroup {
        let types = DefaultedOption(
            "types", .count(0...1_000), default: 10, shown: "10", help: "Show so many types of files.")
        let filters = SnapshotFilterOptions()
        let snapshots = OperandList("SNAP", .snapshot, help: "Only these snapshots.")
    }

    static let command: CairnCommand = .init(
        "stats", section: CommandSection.snapshots, summary: "show how much snapshots and the repository hold",
        discussion: """
            Logical is the sum of the lengths of all files of all chosen snapshots. Unique is what of it the repository
            needs: chunks of data that several snapshots or files share count once. Stored is the size of all packs, whoever needs them.
            Deltas are what is stored as differences from earlier versions; what they save is an estimate by how far all else is compressed.

            "Alone" is what only that snapshot of the chosen ones holds, before compression; its size on disk is an estimate
            by the average compression. Types are told by the ends of names; each content counts once.
            """,
        examples: [Example("cairn stats --host amber", "Show what the snapshots of one machine hold.")],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        try Browsing.run(context) { browsing in
            let snapshots = try arguments.filters.choose(arguments.snapshots, in: browsing.list)
            let census = try ContentCensus(browsing.reader)
            for snapshot in snapshots {
                try census.add(try browsing.root(of: snapshot), cancellation: browsing.cancellation)
            }
            let report = StatsReport(
                snapshots: snapshots, content: try census.finish(types: arguments.types),
                storage: try StorageStatistics(browsing.store))
            if context.globals.json { context.console.print(report.json) } else { report.show(context) }
            return browsing.list.exitCode
        }
    }
}

/// The figures, for people and programs.
private struct StatsReport {
    let snapshots: [Snapshot]
    let content: ContentStatistics
    let storage: StorageStatistics

    private var deduplicationRatio: Double? {
        content.uniqueBytes == 0 ? nil : Double(content.logicalBytes) / Double(content.uniqueBytes)
    }

    private func estimate(_ bytes: UInt64) -> Int {
        storage.compressionRatio.map { Int(Double(bytes) / max($0, 1e-9)) } ?? 0
    }

    func show(_ context: CommandContext) {
        let console = context.console
        func size(_ bytes: UInt64) -> String { Quantity.bytes(Int(clamping: bytes)) }
        func ratio(_ name: String, _ value: Double?) -> String {
            value.map { " (\(name) \(($0 * 100).rounded() / 100)×)" } ?? ""
        }
        let plain = storage.dataBytes + storage.treeBytes
        console.print(
            "logical   \(size(content.logicalBytes)) in the files of \(Quantity.count(snapshots.count, "snapshot"))")
        console.print(
            "unique    \(size(content.uniqueBytes)) in \(Quantity.count(content.uniqueChunks, "chunk")) of "
                + "\(Quantity.count(content.contents, "content"))\(ratio("deduplication", deduplicationRatio))")
        console.print(
            "stored    \(size(storage.storedBytes)) for \(size(plain)) in \(Quantity.count(storage.dataChunks, "chunk")) of data "
                + "and \(storage.treeChunks) of trees\(ratio("compression", storage.compressionRatio))")
        if storage.deltaBytes > 0 {
            console.print(
                "deltas    \(size(storage.deltaStoredBytes)) of it for \(size(storage.deltaBytes)) that are stored as differences; "
                    + "they save about \(size(storage.deltaSavedBytesEstimate))")
        }
        let width = console.tableWidth(context.environment)
        var table = TextTable([
            .init(title: "ID"), .init(title: "Time"), .init(title: "Host", isElastic: true),
            .init(title: "Files", isNumber: true), .init(title: "Logical", isNumber: true),
            .init(title: "Alone", isNumber: true), .init(title: "On disk, about", isNumber: true),
        ])
        for (snapshot, figures) in zip(snapshots, content.snapshots) {
            table.add([
                snapshot.id.short, snapshot.manifest.time.on(.machine).local, snapshot.manifest.hostname,
                "\(figures.files)", size(figures.logicalBytes), size(figures.aloneBytes),
                Quantity.bytes(estimate(figures.aloneBytes)),
            ])
        }
        if !snapshots.isEmpty {
            console.print()
            for line in table.lines(width: width) { console.print(line) }
        }
        guard !content.types.isEmpty else { return }
        var types = TextTable([
            .init(title: "Type", isElastic: true), .init(title: "Contents", isNumber: true),
            .init(title: "Size", isNumber: true),
        ])
        for type in content.types {
            let name = type.name.isEmpty ? "(none)" : "." + PrintableText.escape(type.name)
            types.add([name, "\(type.contents)", size(type.bytes)])
        }
        console.print()
        for line in types.lines(width: width) { console.print(line) }
    }

    var json: JSONText {
        func count(_ number: UInt64) -> JSONText { .integer(Int(clamping: number)) }
        func ratio(_ value: Double?) -> JSONText { value.map { .number($0) } ?? .null }
        let each = zip(snapshots, content.snapshots).map { snapshot, figures -> JSONText in
            .object(
                EntryJSON.fields(snapshot) + [
                    ("files", count(figures.files)), ("logical_bytes", count(figures.logicalBytes)),
                    ("alone_bytes", count(figures.aloneBytes)),
                    ("alone_stored_bytes_estimate", .integer(estimate(figures.aloneBytes))),
                ])
        }
        let types = content.types.map { type -> JSONText in
            .object(
                JSONText.fields(of: Path(type.name), as: "extension") + [
                    ("contents", count(type.contents)), ("bytes", count(type.bytes)),
                ])
        }
        return [
            "logical_bytes": count(content.logicalBytes), "unique_bytes": count(content.uniqueBytes),
            "unique_chunks": count(content.uniqueChunks), "contents": count(content.contents),
            "deduplication_ratio": ratio(deduplicationRatio), "stored_bytes": count(storage.storedBytes),
            "data_chunks": count(storage.dataChunks), "data_bytes": count(storage.dataBytes),
            "tree_chunks": count(storage.treeChunks), "tree_bytes": count(storage.treeBytes),
            "compression_ratio": ratio(storage.compressionRatio), "delta_bytes": count(storage.deltaBytes),
            "delta_stored_bytes": count(storage.deltaStoredBytes),
            "delta_saved_bytes_estimate": count(storage.deltaSavedBytesEstimate), "snapshots": .array(each),
            "types": .array(types),
        ]
    }
}
