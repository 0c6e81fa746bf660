/// A file of patterns, one a line: blank lines and lines that begin with `#` are passed over, blanks around a pattern and
/// the carriage return of a foreign editor too. `\#` and `\!` begin names with these. Nothing is expanded.
public enum PatternFile {
    /// The patterns of a file's bytes; an error names the line.
    public static func patterns(in bytes: [UInt8]) throws(PatternError) -> [PathPattern] {
        var patterns: [PathPattern] = []
        for (number, line) in lines(of: bytes) {
            do throws(PatternError) {
                patterns.append(try PathPattern(line))
            } catch {
                throw PatternError(pattern: error.pattern, reason: error.reason, line: number)
            }
        }
        return patterns
    }

    /// The lines that say something, with their numbers from 1.
    static func lines(of bytes: [UInt8]) -> [(number: Int, line: [UInt8])] {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        var lines: [(Int, [UInt8])] = []
        for (index, raw) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard let first = raw.firstIndex(where: { !isBlank($0) }), raw[first] != UInt8(ascii: "#"),
                let last = raw.lastIndex(where: { !isBlank($0) })
            else { continue }
            lines.append((index + 1, Array(raw[first...last])))
        }
        return lines
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }
}
