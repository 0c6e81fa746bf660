/// Reads the pattern for one name: `*`, `?`, brackets and backslashes.
struct NamePatternParser {
    private let bytes: [UInt8]
    private var offset = 0

    /// The pieces of a pattern without slashes.
    static func parse(_ name: ArraySlice<UInt8>) throws(PathPattern.Flaw) -> [GlobPart] {
        var parser = NamePatternParser(bytes: Array(name))
        var parts: [GlobPart] = []
        while let part = try parser.next() {
            if part != .star || parts.last != .star { parts.append(part) }
        }
        return parts
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func next() throws(PathPattern.Flaw) -> GlobPart? {
        guard let byte = peek else { return nil }
        offset += 1
        switch byte {
        case UInt8(ascii: "*"): return .star
        case UInt8(ascii: "?"): return .one
        case UInt8(ascii: "["): return .set(try brackets())
        case UInt8(ascii: "\\"):
            guard let escaped = peek else { throw PathPattern.Flaw(Self.loneBackslash) }
            offset += 1
            return .byte(escaped)
        default: return .byte(byte)
        }
    }

    private mutating func brackets() throws(PathPattern.Flaw) -> BracketSet {
        var set = BracketSet()
        if peek == UInt8(ascii: "^") {
            set.isNegated = true
            offset += 1
        }
        while peek != UInt8(ascii: "]") || set.ranges.isEmpty {
            let first = try bracketCharacter()
            var last = first
            if peek == UInt8(ascii: "-") {
                offset += 1
                last = try bracketCharacter()
            }
            if last < first { throw PathPattern.Flaw("a range in its brackets runs backwards") }
            set.ranges.append(BracketSet.Range(first: first, last: last))
        }
        offset += 1
        return set
    }

    private mutating func bracketCharacter() throws(PathPattern.Flaw) -> UInt32 {
        guard var byte = peek else { throw PathPattern.Flaw("its \"[\" is not closed") }
        if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "]") {
            throw PathPattern.Flaw("a \"-\" or \"]\" inside brackets needs a backslash before it")
        }
        if byte == UInt8(ascii: "\\") {
            offset += 1
            guard let escaped = peek else { throw PathPattern.Flaw(Self.loneBackslash) }
            byte = escaped
        }
        let character = NameCharacter(in: bytes.span, at: offset)
        offset += character.width
        return character.number
    }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private static let loneBackslash = "its last backslash has nothing behind it"
}
