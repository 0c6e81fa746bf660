import Posix

/// Rows of figures, printed as they come and kept as JSON.
final class Report {
    /// One figure, with what it is held against.
    struct Row {
        let name: String
        let figure: Double
        let unit: String
        /// What the machine allows, or a peer reached, in the same unit.
        var limit: Double?
        /// What the figure, or its ratio to the limit where there is one, should reach.
        var goal: Double?
        /// Whether less is better.
        var isCost = false
        var note = ""

        var ratio: Double? { limit.map { figure / $0 } }

        var isMet: Bool? {
            guard let goal else { return nil }
            let value = ratio ?? figure
            return isCost ? value <= goal : value >= goal
        }
    }

    private var rows: [Row] = []
    private var facts: [(String, String)] = []

    func fact(_ name: String, _ value: String) {
        facts.append((name, value))
        print("\(name): \(value)")
    }

    func section(_ title: String) {
        print("\n\(title)")
        print(Self.line("", "figure", "limit", "ratio", "goal", ""))
    }

    func add(_ row: Row) {
        rows.append(row)
        let digits = row.figure >= 1_000 ? 0 : row.figure >= 100 ? 1 : 2
        let goal =
            row.goal.map {
                "\(row.isCost ? "≤" : "≥") \($0.digits($0 >= 100 ? 0 : 2)) \(row.isMet == true ? "met" : "MISSED")"
            } ?? ""
        print(
            Self.line(
                row.name, "\(row.figure.digits(digits)) \(row.unit)", row.limit.map { $0.digits(digits) } ?? "",
                row.ratio.map { $0.digits(2) } ?? "", goal, row.note))
    }

    private static func line(_ cells: String...) -> String {
        let widths = [46, 16, 8, 7, 14]
        return zip(cells, widths + [0]).map { cell, width in
            cell + String(repeating: " ", count: max(1, width - cell.count))
        }.joined().trimmed
    }

    /// Writes everything as JSON.
    func write(to path: Path) throws {
        let rows = rows.map { row in
            var fields: [(String, JSON)] = [
                ("name", .text(row.name)), ("figure", .number(row.figure)), ("unit", .text(row.unit)),
            ]
            if let limit = row.limit { fields += [("limit", .number(limit)), ("ratio", .number(row.figure / limit))] }
            if let goal = row.goal { fields += [("goal", .number(goal)), ("met", .truth(row.isMet == true))] }
            if !row.note.isEmpty { fields.append(("note", .text(row.note))) }
            return JSON.object(fields)
        }
        let machine = JSON.object(facts.map { ($0, .text($1)) })
        let text = JSON.object([("machine", machine), ("rows", .list(rows))]).written() + "\n"
        try Folder.makeAll(path.parent, mode: 0o755)
        try SmallFile.replace(path, with: Array(text.utf8))
        print("\nwritten to \(path)")
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
