/// Rows of figures, printed as they come and kept as JSON.
final class LimitTable {
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

        /// How many digits behind the point tell something.
        var digits: Int { figure >= 1_000 ? 0 : figure >= 100 ? 1 : 2 }

        /// The goal in words.
        var asked: String { goal.map { "\(isCost ? "≤" : "≥") \($0.digits($0 >= 100 ? 0 : 2))" } ?? "" }

        var verdict: String { isMet.map { $0 ? "met" : "MISSED" } ?? "" }
    }

    /// Rows below a heading.
    struct Section {
        let title: String
        var rows: [Row] = []
    }

    private(set) var sections: [Section] = []
    private(set) var facts: [(String, String)] = []

    func fact(_ name: String, _ value: String) {
        facts.append((name, value))
        print("\(name): \(value)")
    }

    func section(_ title: String) {
        sections.append(Section(title: title))
        print("\n\(title)")
        print(Self.line("", "figure", "limit", "ratio", "goal", ""))
    }

    func add(_ row: Row) {
        if sections.isEmpty { sections.append(Section(title: "")) }
        sections[sections.count - 1].rows.append(row)
        print(
            Self.line(
                row.name, "\(row.figure.digits(row.digits)) \(row.unit)", row.limit?.digits(row.digits) ?? "",
                row.ratio?.digits(2) ?? "", row.goal == nil ? "" : "\(row.asked) \(row.verdict)", row.note))
    }

    private static func line(_ cells: String...) -> String {
        let widths = [46, 16, 8, 7, 14]
        return zip(cells, widths + [0]).map { cell, width in
            cell + String(repeating: " ", count: max(1, width - cell.count))
        }.joined().trimmed
    }

    var json: JSON {
        .list(
            sections.flatMap(\.rows).map { row in
                var fields: [(String, JSON)] = [
                    ("name", .text(row.name)), ("figure", .number(row.figure)), ("unit", .text(row.unit)),
                ]
                if let limit = row.limit {
                    fields += [("limit", .number(limit)), ("ratio", .number(row.figure / limit))]
                }
                if let goal = row.goal { fields += [("goal", .number(goal)), ("met", .truth(row.isMet == true))] }
                if !row.note.isEmpty { fields.append(("note", .text(row.note))) }
                return .object(fields)
            })
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
