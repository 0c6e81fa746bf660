internal import Cairn
internal import CommandLine

/// `cairn tag`: changes the tags of snapshots.
enum TagCommand {
    struct Options: OptionGroup {
        let add = OptionList("add", .tags, help: "Add these tags.")
        let remove = OptionList("remove", .tags, help: "Remove these tags.")
        let set = OptionList("set", .tags, help: "Have these tags and no others; empty: none.")
        let filters = SnapshotFilterOptions()
        let snapshots = OperandList(
            "SNAP", .snapshot, help: "The snapshots to tag; without any, all that the filters leave.")
    }

    static let command: CairnCommand = .init(
        "tag", section: CommandSection.snapshots, summary: "change the tags of snapshots",
        discussion: "The snapshots keep their ids. Without SNAP and filters, all snapshots are meant.",
        examples: [
            Example("cairn tag --add keep latest", "Add the tag keep to the newest snapshot."),
            Example("cairn tag --remove old --tag old", "Take the tag old from all that have it."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let change = try change(arguments)
        let store = try RepositoryAccess.open(RepositoryLocation.resolve(context), context)
        let list = try SnapshotList.read(store, context)
        // All are found before any is changed.
        let chosen = try arguments.filters.choose(arguments.snapshots, in: list)
        var retagging = Retagging(store, list)
        var changed: [Snapshot] = []
        for snapshot in chosen {
            try Interruption.check()
            guard let new = try retagging.apply(change, to: snapshot) else { continue }
            changed.append(new)
            context.console.detail("snapshot \(new.id.short) has the tags: \(new.shownTags)")
        }
        if context.globals.json {
            let snapshots = changed.map { snapshot -> JSONText in
                [
                    "id": .string(snapshot.id.description), "short_id": .string(snapshot.id.short),
                    "tags": .array(snapshot.manifest.tags.map { .string($0) }),
                ]
            }
            context.console.print([
                "chosen": .integer(chosen.count), "changed": .integer(changed.count), "snapshots": .array(snapshots),
            ])
        } else {
            let count = Quantity.count(chosen.count, "snapshot")
            context.console.tell("changed the tags of \(changed.count) of \(count)")
        }
        return list.exitCode
    }

    private static func change(_ arguments: Arguments<Options>) throws(UsageError) -> TagChange {
        let (add, remove) = (arguments.add.flatMap(\.self), arguments.remove.flatMap(\.self))
        guard arguments.set.isEmpty else {
            guard arguments.add.isEmpty, arguments.remove.isEmpty else {
                throw UsageError("--set says all tags, so --add and --remove have no place beside it")
            }
            return .set(arguments.set.flatMap(\.self))
        }
        guard !add.isEmpty || !remove.isEmpty else {
            throw UsageError("no tag is given", hint: "say which with --add, --remove or --set")
        }
        return .edit(add: add, remove: remove)
    }
}

extension Snapshot {
    fileprivate var shownTags: String {
        manifest.tags.isEmpty ? "none" : PrintableText.escape(manifest.tags.joined(separator: ", "))
    }
}
