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
        let facts = facts.map { "    \(Self.quote($0)): \(Self.quote($1))" }.joined(separator: ",\n")
        let rows = rows.map { row in
            var fields = [
                "\"name\": \(Self.quote(row.name))", "\"figure\": \(row.figure)", "\"unit\": \(Self.quote(row.unit))",
            ]
            if let limit = row.limit { fields.append("\"limit\": \(limit), \"ratio\": \(row.figure / limit)") }
            if let goal = row.goal { fields.append("\"goal\": \(goal), \"met\": \(row.isMet == true)") }
            if !row.note.isEmpty { fields.append("\"note\": \(Self.quote(row.note))") }
            return "    {\(fields.joined(separator: ", "))}"
        }.joined(separator: ",\n")
        let text = "{\n  \"machine\": {\n\(facts)\n  },\n  \"rows\": [\n\(rows)\n  ]\n}\n"
        try Folder.makeAll(path.parent, mode: 0o755)
        try SmallFile.replace(path, with: Array(text.utf8))
        print("\nwritten to \(path)")
    }

    private static func quote(_ text: String) -> String {
        "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
