internal import CommandLine

/// Lines of text in columns, for people.
struct TextTable {
    struct Column {
        let title: String
        /// Numbers end at the same place, texts begin there.
        var isNumber = false
        /// Whether it may be cut where the terminal is narrow. The others are always whole.
        var isElastic = false
        /// Whether what does not fit goes on in further lines, in place of being cut; for the last column.
        var isWrapped = false
    }

    /// A column that is cut keeps at least so much.
    private static let elasticWidthMin = 6
    /// A column that is wrapped keeps at least so much.
    private static let wrappedWidthMin = 12
    private static let gap = "  "

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// Adds a line: a text for each column, made safe to print here.
    mutating func add(_ row: [String]) { rows.append(row.map { PrintableText.escape($0) }) }

    /// The lines, titles first; columns without any text are left out. Without a width nothing is cut.
    func lines(width: Int?) -> [String] {
        let shown = columns.indices.filter { index in rows.contains { !$0[index].isEmpty } }
        var widths = shown.map { index in
            rows.reduce(DisplayWidth.of(columns[index].title)) { max($0, DisplayWidth.of($1[index])) }
        }
        if let width { shrink(&widths, shown, to: width) }
        return ([columns.map(\.title)] + rows).flatMap { row in
            guard let last = shown.last, columns[last].isWrapped else { return [line(row, shown, widths)] }
            let pieces = DisplayWidth.wrapped(row[last], to: widths[widths.count - 1])
            return pieces.enumerated().map { number, piece in
                var row = number == 0 ? row : [String](repeating: "", count: row.count)
                row[last] = piece
                return line(row, shown, widths)
            }
        }
    }

    private func line(_ row: [String], _ shown: [Int], _ widths: [Int]) -> String {
        let cells = zip(shown, widths).map { index, width in
            let text = DisplayWidth.cut(row[index], to: width)
            let padding = String(repeating: " ", count: width - DisplayWidth.of(text))
            return columns[index].isNumber ? padding + text : text + padding
        }
        let line = cells.joined(separator: Self.gap)
        return String(line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)])
    }

    /// Takes from a column that is wrapped, then from the widest elastic column, again and again, what the line is too long by.
    private func shrink(_ widths: inout [Int], _ shown: [Int], to limit: Int) {
        func isElastic(_ place: Int) -> Bool { columns[shown[place]].isElastic && widths[place] > Self.elasticWidthMin }
        var excess = widths.reduce(0, +) + Self.gap.count * max(0, widths.count - 1) - limit
        for place in widths.indices where excess > 0 && columns[shown[place]].isWrapped {
            let step = min(excess, max(0, widths[place] - Self.wrappedWidthMin))
            widths[place] -= step
            excess -= step
        }
        while excess > 0, let widest = widths.indices.filter(isElastic).max(by: { widths[$0] < widths[$1] }) {
            let step = min(excess, max(1, widths[widest] / 4), widths[widest] - Self.elasticWidthMin)
            widths[widest] -= step
            excess -= step
        }
    }
}

extension Console {
    /// How wide a table may be: `COLUMNS`, else as wide as the terminal; nil where the output goes elsewhere.
    func tableWidth(_ environment: Environment) -> Int? {
        if let columns = environment["COLUMNS"]?.string.flatMap({ Int($0) }), columns > 0 { return columns }
        return isOutputTerminal ? TextWidth.terminal(1) : nil
    }
}
