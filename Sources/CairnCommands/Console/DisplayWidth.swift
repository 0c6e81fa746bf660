/// How many columns of a terminal text takes, and how to make it take fewer.
///
/// Terminals disagree about some characters; where they do, the larger number is taken, so that a line never wraps.
enum DisplayWidth {
    /// The columns of a text that has no control characters. Linear in its length.
    static func of(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + columns($1) }
    }

    /// The text with its middle left out, if that is needed to fit: more of the end stays than of the beginning, for
    /// that is where a path names the file. What belongs to one character stays together. Linear in the text's length.
    static func shortened(_ text: String, to width: Int) -> String {
        guard of(text) > width else { return text }
        guard width > 1 else { return width == 1 ? "…" : "" }
        let room = width - 1
        let tail = suffix(text, columns: room - room / 3)
        let head = prefix(text, columns: room - of(tail))
        return head + "…" + tail
    }

    /// The longest beginning that fits, with an ellipsis if anything is left out; the text itself where it fits.
    static func cut(_ text: String, to columns: Int) -> String {
        guard of(text) > columns else { return text }
        return columns > 0 ? prefix(text, columns: columns - 1) + "…" : ""
    }

    /// The text in lines of so many columns, broken at spaces, and within words only where one is longer than a line.
    static func wrapped(_ text: String, to columns: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, of(line) + 1 + of(String(word)) <= columns {
                line += " " + word
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = String(word)
            while of(line) > columns {
                let start = prefix(line, columns: columns)
                if start.isEmpty { break }
                lines.append(start)
                line = String(line.dropFirst(start.count))
            }
        }
        return lines + [line]
    }

    /// How far further lines of a message stand in.
    static let indentColumns = 2

    /// The text in lines, broken at single spaces only: a word that is longer than a line begins one of its own and is broken by the terminal, so
    /// that a path can be copied; what follows goes on behind its end. Spaces that align columns stay.
    static func filled(_ text: String, first: Int, next: Int) -> [String] {
        var lines: [String] = []
        var (line, columns, isBegun) = ("", 0, false)
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let room = lines.isEmpty ? first : next
            let width = of(String(word))
            if isBegun, columns + 1 + width > room {
                lines.append(line)
                (line, columns) = (String(word), width)
            } else {
                line += (isBegun ? " " : "") + word
                columns += (isBegun ? 1 : 0) + width
            }
            // The terminal has broken it: the first row began where the line did, the others at its edge.
            if columns > room { columns = (columns - room) % max(1, next + indentColumns) }
            isBegun = true
        }
        return lines + [line]
    }

    /// As much of the beginning as fits.
    static func prefix(_ text: String, columns: Int) -> String {
        String(fitting(text, columns: columns))
    }

    private static func suffix(_ text: String, columns: Int) -> String {
        String(fitting(text.reversed(), columns: columns).reversed())
    }

    private static func fitting(_ characters: some Sequence<Character>, columns: Int) -> [Character] {
        var left = columns
        var result: [Character] = []
        for character in characters {
            left -= character.unicodeScalars.reduce(0) { $0 + DisplayWidth.columns($1) }
            guard left >= 0 else { break }
            result.append(character)
        }
        return result
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return 1 }
        switch scalar.value {
        case 0x200B...0x200D: return 0
        // It asks for the coloured form of a symbol, which is wide.
        case 0xFE0F: return 1
        default: break
        }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return isWide(scalar.value) ? 2 : 1
        }
    }

    private static func isWide(_ value: UInt32) -> Bool {
        guard value >= 0x1100 else { return false }
        var low = 0
        var high = wide.count
        while low < high {
            let middle = (low + high) / 2
            if wide[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < wide.count && wide[low].contains(value)
    }

    /// Unicode's wide and full-width characters in order, with small gaps filled.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23F3, 0x25FD...0x25FE, 0x2614...0x2615,
        0x2648...0x2653, 0x267F...0x267F, 0x2693...0x2693, 0x26A1...0x26A1, 0x26AA...0x26AB, 0x26BD...0x26C5,
        0x26CE...0x26D4, 0x26EA...0x270B, 0x2728...0x2728, 0x274C...0x2757, 0x2795...0x2797, 0x27B0...0x27B0,
        0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B55, 0x2E80...0x4DBF, 0x4E00...0xA4C6, 0xA960...0xA97C,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
        0x16FE0...0x1B2FB, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F19A, 0x1F200...0x1F6FF,
        0x1F7E0...0x1F7F0, 0x1F90C...0x1FAFF, 0x20000...0x3FFFD,
    ]
}
