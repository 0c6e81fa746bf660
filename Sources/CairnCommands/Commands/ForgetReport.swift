internal import Cairn
internal import CommandLine
internal import Posix

/// What `forget` has decided and done, for people and for programs.
struct ForgetReport {
    private let context: CommandContext
    private let isDryRun: Bool
    private var groups: [RetentionGroup] = []
    /// How many were looked at.
    private var chosen = 0
    /// Whether these were named, each by itself.
    private var isNamed = false
    /// What is to be forgotten.
    private(set) var doomed: [Snapshot] = []
    private var forgotten: [Snapshot] = []
    /// What of damaged manifests is to be forgotten.
    private(set) var unreadable: [UnreadableManifest] = []
    private var forgottenUnreadable: [UnreadableManifest] = []

    private var console: Console { context.console }

    init(_ context: CommandContext, isDryRun: Bool) {
        self.context = context
        self.isDryRun = isDryRun
    }

    /// Takes note of what a policy has decided, and shows it to people.
    mutating func plan(_ groups: [RetentionGroup]) {
        self.groups = groups
        let decisions = groups.flatMap(\.decisions)
        chosen = decisions.count
        doomed = decisions.filter { !$0.isKept }.map(\.snapshot)
        if !context.globals.json { showGroups() }
    }

    /// Takes note of what was named.
    mutating func plan(_ named: [Snapshot], _ unreadable: [UnreadableManifest]) {
        chosen = named.count
        isNamed = true
        doomed = named
        self.unreadable = unreadable
        guard isDryRun, !context.globals.json else { return }
        for snapshot in named { tell("would forget \(snapshot.inOneLine)") }
        for manifest in unreadable { tell("would forget \(manifest.inOneLine)") }
    }

    /// A snapshot is forgotten.
    mutating func done(_ snapshot: Snapshot) {
        forgotten.append(snapshot)
        if groups.isEmpty && !context.globals.json { tell("forgot \(snapshot.inOneLine)") }
    }

    /// A damaged manifest is forgotten.
    mutating func done(_ manifest: UnreadableManifest) {
        forgottenUnreadable.append(manifest)
        context.damage.removed(manifest.path)
        if !context.globals.json { tell("forgot \(manifest.inOneLine)") }
    }

    /// Says what became of all, also where a failure has ended it early.
    func finish(pruned: JSONText = .null) {
        guard !context.globals.json else { return console.print(json(pruned)) }
        let count = Quantity.count(chosen, "snapshot")
        guard !isDryRun else {
            if isNamed && chosen == 0 { return }
            return tell("would forget \(isNamed ? count : "\(doomed.count) of \(count)")")
        }
        let isCutShort = !groups.isEmpty && !forgotten.isEmpty && forgotten.count < doomed.count
        let which = isCutShort ? ": \(forgotten.map(\.id.short).joined(separator: ", "))" : ""
        if !isNamed || forgotten.count < chosen {
            tell("forgot \(forgotten.count) of \(count)\(which)")
        } else if chosen > 0 {
            tell("forgot \(count)")
        }
        if !forgotten.isEmpty {
            let (them, their) = forgotten.count == 1 ? ("it", "its") : ("them", "their")
            console.note("\"cairn undelete\" brings \(them) back, until prune gives \(their) space back")
        }
    }

    // MARK: For people

    /// A line of the report; a quiet run tells only what it would do.
    private func tell(_ line: String = "") {
        if isDryRun || console.verbosity >= .usual { console.print(line) }
    }

    private func showGroups() {
        let width = console.tableWidth(context.environment)
        for group in groups {
            for line in group.key.heading { tell(width.map { DisplayWidth.cut(line, to: $0) } ?? line) }
            for line in Self.table(group).lines(width: width) { tell(line) }
            tell()
        }
    }

    private static func table(_ group: RetentionGroup) -> TextTable {
        var table = TextTable([
            .init(title: "ID"), .init(title: "Time"), .init(title: "Offset"), .init(title: "Tags", isElastic: true),
            .init(title: "Remarks"), .init(title: "Decision"), .init(title: "Reasons", isWrapped: true),
        ])
        for decision in group.decisions {
            let manifest = decision.snapshot.manifest
            table.add([
                decision.snapshot.id.short, manifest.time.local, manifest.time.foreignOffset,
                manifest.tags.joined(separator: ","), manifest.incomplete ? "incomplete" : "",
                decision.isKept ? "keep" : "forget", decision.reasons.map(\.description).joined(separator: ", "),
            ])
        }
        return table
    }

    // MARK: For programs

    private func json(_ pruned: JSONText) -> JSONText {
        [
            "dry_run": .bool(isDryRun), "chosen": .integer(chosen), "kept": .integer(chosen - doomed.count),
            "forgotten": .array((isDryRun ? doomed : forgotten).map { .object(EntryJSON.fields($0)) }),
            "unreadable": .array((isDryRun ? unreadable : forgottenUnreadable).map { .string($0.id) }),
            "groups": .array(groups.map(Self.json)), "prune": pruned,
        ]
    }

    private static func json(_ group: RetentionGroup) -> JSONText {
        let key = group.key
        let snapshots = group.decisions.map { decision -> JSONText in
            let reasons = decision.reasons.map { JSONText.string($0.description) }
            return .object(
                EntryJSON.fields(decision.snapshot) + [
                    ("incomplete", .bool(decision.snapshot.manifest.incomplete)), ("kept", .bool(decision.isKept)),
                    ("reasons", .array(reasons)),
                ])
        }
        return [
            "host": key.host.map { .string($0) } ?? .null,
            "paths": key.paths.map { .array($0.map { .text(Array($0.bytes)) }) } ?? .null,
            "tags": key.tags.map { .array($0.map { .string($0) }) } ?? .null, "snapshots": .array(snapshots),
        ]
    }
}

extension SnapshotTime {
    /// The offset of its clock, where this machine's is another one at that moment.
    fileprivate var foreignOffset: String {
        offsetSeconds == on(.machine).offsetSeconds ? "" : String(rfc3339.suffix(6))
    }
}

extension UnreadableManifest {
    /// What it is, in a line for people.
    var inOneLine: String { "the damaged manifest \(short)" }
}

extension Snapshot {
    /// What it is, in a line for people.
    var inOneLine: String {
        let place = SnapshotSource(manifest).line
        return "snapshot \(id.short) of \(manifest.time.on(.machine).local), \(place)"
    }
}
