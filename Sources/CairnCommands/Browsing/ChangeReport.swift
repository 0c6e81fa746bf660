internal import Cairn
internal import CommandLine
internal import Posix

/// Prints the differences between two trees, one a line, and counts them.
struct ChangeReport {
    let context: CommandContext
    /// Where the compared parts lie, so that whole paths are shown.
    let place: Path
    /// Shows long lines; nil for the path alone.
    var text: EntryText?
    /// Whether the fields of what changed are told too, for programs.
    var isDetailed = false
    private(set) var statistics = ChangeStatistics()

    init(_ context: CommandContext, at place: Path) {
        self.context = context
        self.place = place
    }

    mutating func add(_ change: TreeChange) {
        statistics.add(change)
        guard let entry = change.new ?? change.old else { return }
        let path = place.below(change.path)
        if context.globals.json { return context.console.print(json(change, path, entry)) }
        let isOpen = entry.node.isDirectory && path.bytes.last != UInt8(ascii: "/")
        let shown = isOpen ? Path(path.bytes + [UInt8(ascii: "/")]) : path
        context.console.print("\(change.kind.rawValue)    \(text?.long(shown, entry) ?? shown.printable)")
    }

    private func json(_ change: TreeChange, _ path: Path, _ entry: TreeEntry) -> JSONText {
        var fields: [(String, JSONText)] = [
            ("message_type", "change"), ("modifier", .string(change.kind.rawValue)),
        ]
        if isDetailed { return .object(fields + EntryJSON.fields(path, entry)) }
        fields += JSONText.fields(of: path, as: "path")
        fields.append(("type", .string(EntryJSON.type(entry.node))))
        for (name, entry) in [("old_size", change.old), ("new_size", change.new)] {
            if let size = entry?.node.fileSize { fields.append((name, .integer(Int(clamping: size)))) }
        }
        return .object(fields)
    }

    /// The sums.
    func finish() {
        if context.globals.json {
            return context.console.print(
                .object([
                    ("message_type", "statistics"), ("files", Self.json(statistics.files)),
                    ("dirs", Self.json(statistics.directories)), ("others", Self.json(statistics.others)),
                    ("bytes_added", .integer(Int(clamping: statistics.bytesAdded))),
                    ("bytes_removed", .integer(Int(clamping: statistics.bytesRemoved))),
                ]))
        }
        let console = context.console
        if statistics == ChangeStatistics() { return console.print("no differences") }
        console.print()
        let lines = [
            ("Files", statistics.files), ("Dirs", statistics.directories), ("Others", statistics.others),
        ]
        for (name, counts) in lines {
            console.print("\(name): \(counts.new) new, \(counts.removed) removed, \(counts.changed) changed")
        }
        console.print("Added: \(Quantity.bytes(Int(clamping: statistics.bytesAdded)))")
        console.print("Removed: \(Quantity.bytes(Int(clamping: statistics.bytesRemoved)))")
    }

    private static func json(_ counts: ChangeStatistics.Counts) -> JSONText {
        [
            "new": .integer(counts.new), "removed": .integer(counts.removed), "changed": .integer(counts.changed),
        ]
    }
}
