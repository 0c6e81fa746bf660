/// A page, written from top to bottom.
public struct Markdown: Sendable {
    /// The page so far.
    public private(set) var text = ""

    /// An empty page.
    public init() {}

    /// A heading; level 1 is the page's title.
    public mutating func heading(_ level: Int, _ title: String) {
        block(String(repeating: "#", count: level) + " " + Self.escaped(title) + "\n")
    }

    /// Plain text.
    public mutating func paragraph(_ text: String) { block(Self.escaped(text) + "\n") }

    /// Plain texts, each behind a dot.
    public mutating func list(_ texts: [String]) {
        if texts.isEmpty { return }
        block(texts.map { "- \(Self.escaped($0))\n" }.joined())
    }

    /// Something to be typed, as it is.
    public mutating func code(_ text: String) { block("```sh\n\(text)\n```\n") }

    /// A table; one without lines is left out.
    public mutating func table(_ table: MarkdownTable) {
        if !table.isEmpty { block(table.text) }
    }

    /// A work: its picture, then its table.
    public mutating func comparison(_ comparison: Comparison) {
        block("![\(Self.escaped(comparison.title))](\(comparison.pictureFile))\n")
        table(comparison.table)
    }

    private mutating func block(_ text: String) { self.text += (self.text.isEmpty ? "" : "\n") + text }

    /// Text that nothing in a page takes for a mark: names of files, and what programs say.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\", "`", "*", "|", "[", "]", "~": escaped += "\\\(character)"
            case "<": escaped += "&lt;"
            case "&": escaped += "&amp;"
            case _ where character.isNewline: escaped += " "
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
