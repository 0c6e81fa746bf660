/// A table of text; its first column is on the left, numbers in the others on the right.
public struct MarkdownTable: Sendable {
    private let heads: [String]
    private let hasNumbers: Bool
    private var lines: [[String]] = []

    /// A table without lines yet.
    public init(_ heads: [String], hasNumbers: Bool = true) {
        self.heads = heads
        self.hasNumbers = hasNumbers
    }

    /// Whether there is nothing below its heads.
    public var isEmpty: Bool { lines.isEmpty }

    /// Adds a line; cells that are missing are empty.
    public mutating func add(_ cells: [String]) {
        lines.append(Array((cells + Array(repeating: "", count: heads.count)).prefix(heads.count)))
    }

    /// As Markdown, with a newline behind each line.
    public var text: String {
        let rules = heads.indices.map { $0 == 0 || !hasNumbers ? ":--" : "--:" }
        return line(heads.map(Markdown.escaped)) + line(rules) + lines.map { line($0.map(Markdown.escaped)) }.joined()
    }

    private func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
}
