/// Bars side by side, as SVG: a line for each program, a column for each measure. All bars of a column have one scale, which begins at
/// nothing; what is a thousandth of the longest is still a line to be seen, and each has its figure beside it.
///
/// The same figures give the same bytes. It needs nothing from elsewhere, and suits a dark page as well as a light one.
public struct BarPicture {
    private let comparison: Comparison
    /// Which measures have bars.
    private let drawn: [Int]

    private static let width = 880.0
    private static let lineHeight = 24.0
    private static let headHeight = 34.0
    private static let barHeight = 14.0
    private static let gap = 20.0
    /// Beside the longest bar, for its figure.
    private static let figureWidth = 76.0
    /// Of a letter, about: there is nobody to ask.
    private static let letterWidth = 7.5
    private static let labelLetters = 30

    /// The picture of a comparison.
    public init(_ comparison: Comparison) {
        self.comparison = comparison
        drawn = comparison.measures.indices.filter { measure in
            comparison.measures[measure].isDrawn && comparison.programs.contains { $0.figure(measure) != nil }
        }
    }

    /// All of it.
    public var svg: String {
        let labels = comparison.programs.map { Self.shortened($0.name) }
        let labelWidth = Double(labels.map(\.count).max() ?? 0) * Self.letterWidth + Self.gap
        let columnWidth = (Self.width - labelWidth) / Double(max(1, drawn.count))
        let height = Self.headHeight + Double(comparison.programs.count) * Self.lineHeight + 8
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(Self.width)) \(number(height))\""
                + " width=\"\(number(Self.width))\" height=\"\(number(height))\" role=\"img\">",
            "<title>\(Markup.escaped(comparison.title))</title>",
            Self.style,
        ]
        for (index, label) in labels.enumerated() {
            let isOwn = comparison.programs[index].isOwn
            lines.append(text(label, x: 0, y: baseline(index), isOwn ? "name own" : "name"))
        }
        for (place, measure) in drawn.enumerated() {
            lines += column(measure, x: labelWidth + Double(place) * columnWidth, width: columnWidth - Self.gap)
        }
        return lines.joined(separator: "\n") + "\n</svg>\n"
    }

    private func column(_ measure: Int, x: Double, width: Double) -> [String] {
        let kind = comparison.measures[measure]
        let longest = comparison.programs.compactMap { $0.figure(measure) }.max() ?? 0
        var lines = [text(kind.label, x: x, y: 18, "head")]
        for (index, program) in comparison.programs.enumerated() {
            guard let value = program.figure(measure) else {
                lines.append(text(Quantity.missing, x: x, y: baseline(index), "figure"))
                continue
            }
            let full = width - Self.figureWidth
            let length = value > 0 ? max(1, full * value / longest) : 0
            let top = Self.headHeight + Double(index) * Self.lineHeight + (Self.lineHeight - Self.barHeight) / 2
            if length > 0 {
                lines.append(
                    "<rect class=\"\(program.isOwn ? "own" : "other")\" x=\"\(number(x))\" y=\"\(number(top))\""
                        + " width=\"\(number(length))\" height=\"\(number(Self.barHeight))\" rx=\"1\"/>")
            }
            lines.append(text(kind.quantity.short(value), x: x + length + 6, y: baseline(index), "figure"))
        }
        return lines
    }

    private func text(_ text: String, x: Double, y: Double, _ kind: String) -> String {
        "<text class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\">\(Markup.escaped(text))</text>"
    }

    private func baseline(_ index: Int) -> Double {
        Self.headHeight + Double(index) * Self.lineHeight + Self.lineHeight / 2 + 4.5
    }

    private func number(_ value: Double) -> String {
        let text = Quantity.decimal(value, 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func shortened(_ name: String) -> String {
        name.count <= labelLetters ? name : name.prefix(labelLetters - 1) + "…"
    }

    private static let style = """
        <style>
        text { font: 13px system-ui, "Liberation Sans", Arial, sans-serif; fill: #1f2328 }
        .head { font-weight: 600 }
        .name.own { font-weight: 600 }
        .figure { fill: #59636e; font-size: 12px }
        rect.own { fill: #1f6fb2 }
        rect.other { fill: #a8b1ba }
        @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3 }
        .figure { fill: #9aa4af }
        rect.own { fill: #5aa9e6 }
        rect.other { fill: #656e77 }
        }
        </style>
        """
}
