/// The lines at the bottom of a terminal that are drawn over and over: what is shown, and the bytes that change it. The
/// cursor rests behind the last of them.
struct StatusArea: Sendable {
    /// The lines that are to be shown.
    private(set) var lines: [String] = []
    /// The columns that each line takes which is on the screen.
    private var drawn: [Int] = []
    /// Whether something else has begun a line and not ended it: nothing is drawn then.
    var isLineOpen = false

    /// Whether any line is on the screen.
    var isDrawn: Bool { !drawn.isEmpty }

    /// The bytes that show these lines in place of the former ones. Each line is written over what stood there, and then
    /// the rest is cleared: clearing first would flicker.
    mutating func show(_ lines: [String], columns: Int) -> [UInt8] {
        self.lines = lines
        let visible = isLineOpen ? [] : lines
        guard isDrawn || !visible.isEmpty else { return [] }
        var text = isDrawn ? "\r" : ""
        let above = rows(columns) - 1
        if above > 0 { text += "\u{1B}[\(above)A" }
        text += visible.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
        if rows(columns) > visible.count { text += "\u{1B}[J" }
        drawn = visible.map(DisplayWidth.of)
        return Array(text.utf8)
    }

    /// The rows that the drawn lines fill; a terminal that became narrower has wrapped them.
    private func rows(_ columns: Int) -> Int {
        drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / max(1, columns)) }
    }
}
