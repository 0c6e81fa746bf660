/// A `.gitignore` file, or `.git/info/exclude`: its lines, compiled. A line that can match nothing is passed over, as in git.
final class IgnoreFile: Sendable {
    /// The lines; a line may take several patterns.
    let set: PatternSet
    /// Of each pattern, whether it takes back.
    let takesBack: [Bool]

    /// At most this much of a file is read.
    static let bytesMax = 1 << 20

    /// Reads a file's bytes; nil if it says nothing.
    init?(_ bytes: [UInt8]) {
        var set = PatternSet(unit: .byte)
        var takesBack: [Bool] = []
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        for var line in text.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            if line.last == 0x0D { line = line.dropLast() }
            let parsed = IgnoreLine(Self.trimmed(line.prefix { $0 != 0 }))
            for path in parsed.paths {
                set.add(path, wantsDirectory: parsed.wantsDirectory)
                takesBack.append(parsed.takesBack)
            }
        }
        if takesBack.isEmpty { return nil }
        self.set = set
        self.takesBack = takesBack
    }

    /// Without the spaces at the end, as far as no backslash keeps them.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = line.startIndex
        var index = line.startIndex
        while index < line.endIndex {
            if line[index] == UInt8(ascii: "\\") {
                // A backslash with nothing behind it keeps all as it is.
                if index + 1 == line.endIndex { return line }
                index += 2
                end = index
            } else {
                index += 1
                if line[index - 1] != UInt8(ascii: " ") { end = index }
            }
        }
        return line[..<end]
    }
}
