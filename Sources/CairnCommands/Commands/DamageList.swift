internal import Cairn
internal import ChunkStore

/// The files that damage touches, as a person is shown them: below a heading, and not too many of them; JSON has them all.
struct DamageList {
    private static let shownMax = 50
    private let heading: String
    private var count = 0

    /// Whether it has begun and not ended.
    var isOpen: Bool { count > 0 }

    init(_ heading: String) { self.heading = heading }

    mutating func tell(_ item: DamagedItem, on console: Console) {
        count += 1
        guard count <= Self.shownMax else { return }
        if count == 1 { console.print("\(heading):") }
        let what =
            switch item.part {
            case .file: ""
            case .directory: " (a folder: names in it are missing, and all that is below those)"
            case .errors: " (the list of what could not be read when it was taken)"
            }
        let forgotten = item.isForgotten ? " (forgotten)" : ""
        console.print("    \(item.snapshot.short)\(forgotten): \(item.path.printable)\(what)")
    }

    /// Says how many were not shown.
    mutating func end(on console: Console) {
        if count > Self.shownMax { console.print("    and \(count - Self.shownMax) more: --json lists all") }
        count = 0
    }
}

extension DamagedItem {
    /// One line of `check` or `repair`, of this type.
    func json(_ type: String) -> JSONText {
        .object(
            [
                ("message_type", .string(type)), ("snapshot_id", .string(snapshot.description)),
                ("forgotten", .bool(isForgotten)), ("part", .string(part.rawValue)),
            ] + JSONText.fields(of: path, as: "path") + [("chunk", .string(chunk.description))])
    }
}
