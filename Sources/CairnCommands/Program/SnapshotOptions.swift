internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// The options of every command that lists or chooses snapshots: which ones are meant.
struct SnapshotFilterOptions: OptionGroup {
    static let title: String? = "Which snapshots"

    let hosts = OptionList("host", .text.named("HOST"), help: "Only those of this machine; several: of any.")
    let tags = OptionList(
        "tag", .tags,
        help: "Only those with all of these tags; several: with all of any one. Empty: those without tags.")
    let paths = OptionList("path", .file.named("PATH"), help: "Only those of this path; several: of all.")
    let strategies = OptionList<Strategy>("strategy", .choice, help: "Only those made so; several: by any.")
    let since = Option("since", .time(.start), help: "Only those not earlier: a date, a time, or how long ago (7d2h).")
    let until = Option("until", .time(.end), help: "Only those not later.")
}

extension Arguments<SnapshotFilterOptions> {
    /// The filter that the options describe.
    func filter() throws -> SnapshotFilter {
        var filter = SnapshotFilter()
        filter.hosts = self.hosts
        filter.tags = self.tags
        filter.paths = try self.paths.map { try Folder.absolute(Path($0.bytes)).withoutDetours }
        filter.strategies = self.strategies
        filter.since = self.since
        filter.until = self.until
        return filter
    }

    /// The named snapshots, or, where none is named, those that the options leave; the oldest first.
    func choose(_ named: [SnapshotReference], in list: SnapshotList) throws -> [Snapshot] {
        let filter = try filter()
        if named.isEmpty { return list.snapshots(filter) }
        let ids = Set(try named.map { try list.resolve($0.name, filter: filter).id })
        return list.snapshots.filter { ids.contains($0.id) }
    }
}

/// The options of every command that chooses one snapshot.
struct SnapshotChoiceOptions: OptionGroup {
    let filters = SnapshotFilterOptions()
    let at = Option("at", .time(.end), help: "The newest not after this time: a date, a time, or how long ago (7d2h).")
}

extension Arguments<SnapshotChoiceOptions> {
    /// The snapshot that is meant. Says so where it is a newest one that is incomplete.
    func resolve(
        _ reference: SnapshotReference?, in list: SnapshotList, _ context: CommandContext
    ) throws -> Snapshot {
        let name = reference?.name
        let snapshot = try list.resolve(name, at: self.at, filter: self.filters.filter())
        // Any of those that cannot be read could be the one that is meant.
        if name?.isID != true, list.exitCode != .done {
            throw CommandFailure(
                list.exitCode, kind: "damaged",
                "which snapshot is meant cannot be known, for not all manifests can be read",
                hint: "the newest that can be read is \(snapshot.id.short): name it by its id")
        }
        if snapshot.manifest.incomplete {
            switch name {
            case .id: break
            case .latest, nil:
                let (id, count) = (snapshot.id.short, snapshot.manifest.errorCount)
                let what =
                    "\(Quantity.count(count, "path")) could not be read or \(Quantity.form(count, "was", "were")) lost"
                context.console.warn(
                    "snapshot \(id) is incomplete"
                        + (count == 0 ? "" : ": \(what) (\"cairn manifest \(id)\" names them)"))
            }
        }
        return snapshot
    }
}

extension SnapshotList {
    /// Reads the snapshots of a repository, and warns of what hinders reading some.
    static func read(_ store: Store, _ context: CommandContext) throws -> SnapshotList {
        let list = try SnapshotList(store)
        try Interruption.check()
        (list.failures + list.healed).forEach(context.damage.add)
        return list
    }

    /// How a command ends that has shown what there is.
    var exitCode: ExitCode { exitCode(without: []) }

    /// The same where some manifests that cannot be read are gone meanwhile, as was asked for.
    func exitCode(without gone: [UnreadableManifest]) -> ExitCode {
        let failures = failures.filter { failure in !gone.contains { $0.path == failure.path } }
        if failures.isEmpty { return .done }
        return failures.contains { $0.code == .damaged } ? .damaged : .failed
    }
}

extension ValueParser where Value == SnapshotReference {
    /// A snapshot, or a part of one: `SNAP`, `SNAP:path`.
    static var snapshotPart: ValueParser {
        ValueParser("SNAP[:PATH]") { argument throws(ValueProblem) in
            guard let reference = SnapshotReference(argument.bytes) else {
                throw ValueProblem(
                    "not a snapshot",
                    hint:
                        "give the first digits of its id, or latest, or latest~2; a part follows a colon, without \"..\""
                )
            }
            return reference
        }
    }

    /// A whole snapshot: `SNAP`.
    static var snapshot: ValueParser {
        snapshotPart.named("SNAP").map { reference throws(ValueProblem) in
            guard reference.path == nil else { throw ValueProblem("a whole snapshot is meant here, no part of one") }
            return reference
        }
    }
}

extension ValueParser where Value == SnapshotTime {
    /// A time; a day is its first or last moment.
    static func time(_ edge: TimeExpression.Edge) -> ValueParser {
        ValueParser("TIME") { argument throws(ValueProblem) in
            guard let time = argument.string.flatMap({ TimeExpression.parse($0, edge) }) else {
                throw ValueProblem(
                    "not a time",
                    hint: "write 2026-11-21, \"2026-11-21 13:05\", 2026-11-21T13:05:09+01:00, or how long ago: 1y5m7d2h"
                )
            }
            return time
        }
    }
}

extension ValueParser where Value == [String] {
    /// Tags with commas between them; empty for none.
    static var tags: ValueParser {
        ValueParser("TAG[,TAG…]") { argument throws(ValueProblem) in
            guard let text = argument.string else { throw ValueProblem("not valid UTF-8") }
            let tags = text.split(separator: ",").map(String.init)
            guard tags.allSatisfy(Manifest.isTag) else {
                throw ValueProblem("not a tag", hint: "a tag is a short text without commas and control characters")
            }
            return tags
        }
    }
}

extension Path {
    /// An absolute path without `.`, `..` and needless slashes. Links are not looked at, as nobody knows where they led.
    fileprivate var withoutDetours: Path {
        var components: [ArraySlice<UInt8>] = []
        for component in bytes.split(separator: UInt8(ascii: "/")) where !component.elementsEqual(".".utf8) {
            if component.elementsEqual("..".utf8) { _ = components.popLast() } else { components.append(component) }
        }
        return Path(Array("/".utf8) + components.joined(separator: "/".utf8))
    }
}
