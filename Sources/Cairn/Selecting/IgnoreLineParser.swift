/// Cuts a line of a `.gitignore` file into the patterns of names. A slash inside brackets cuts nothing.
struct IgnoreLineParser {
    /// The pattern of one name, before it is known what its double stars mean.
    struct Name {
        /// The pieces; stars in a row are one.
        var parts: [GlobPart] = []
        /// Whether it holds no special character, not even a backslash.
        var isPlain = true
        /// Whether it consists of two stars or more.
        var isDoubleStar = false
        /// Whether it ends in these, and no special character comes before them.
        var isPlainBeforeDoubleStar = false

        static let doubleStar = Name(
            parts: [.star], isPlain: false, isDoubleStar: true, isPlainBeforeDoubleStar: true)

        /// Puts literal bytes before it.
        mutating func prefix(with literal: ArraySlice<GlobPart>) {
            parts = literal + parts
            isDoubleStar = isDoubleStar && literal.isEmpty
        }
    }

    private let bytes: [UInt8]
    private var offset = 0

    /// The names' patterns; nil if the line is malformed.
    static func names(in line: [UInt8]) -> [Name]? {
        var parser = IgnoreLineParser(bytes: line)
        var names: [Name] = []
        repeat {
            guard let name = parser.name() else { return nil }
            names.append(name)
        } while parser.skipSlash()
        return names
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private func peek(after count: Int) -> UInt8? { offset + count < bytes.count ? bytes[offset + count] : nil }

    private mutating func skipSlash() -> Bool {
        guard offset < bytes.count else { return false }
        offset += peek == UInt8(ascii: "\\") ? 2 : 1
        return true
    }

    private mutating func skipStars() -> Int {
        let start = offset
        while peek == UInt8(ascii: "*") { offset += 1 }
        return offset - start
    }

    private mutating func name() -> Name? {
        var name = Name()
        while let byte = peek, byte != UInt8(ascii: "/") {
            if byte == UInt8(ascii: "\\"), peek(after: 1) == UInt8(ascii: "/") {
                name.isPlain = false
                return name
            }
            guard let part = part() else { return nil }
            let stars = part == .star ? 1 + skipStars() : 0
            name.isPlainBeforeDoubleStar = stars > 1 && name.isPlain
            name.isDoubleStar = stars > 1 && name.parts.isEmpty
            if part != .byte(byte) || byte == UInt8(ascii: "\\") { name.isPlain = false }
            name.parts.append(part)
        }
        return name
    }

    private mutating func part() -> GlobPart? {
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "*"): return .star
        case UInt8(ascii: "?"): return .one
        case UInt8(ascii: "["): return brackets().map { .set($0) }
        case UInt8(ascii: "\\"):
            guard let escaped = peek else { return nil }
            offset += 1
            return .byte(escaped)
        default: return .byte(byte)
        }
    }

    private mutating func brackets() -> BracketSet? {
        var set = BracketSet()
        if peek == UInt8(ascii: "!") || peek == UInt8(ascii: "^") {
            set.isNegated = true
            offset += 1
        }
        // The character before, where a range may begin with it.
        var previous: UInt8?
        repeat {
            guard var byte = peek else { return nil }
            offset += 1
            if byte == UInt8(ascii: "["), peek == UInt8(ascii: ":"), let range = classRange() {
                guard let ranges = CharacterClass.ranges(named: bytes[range]) else { return nil }
                set.ranges += ranges
                offset = range.upperBound + 2
                previous = nil
                continue
            }
            if let first = previous, byte == UInt8(ascii: "-"), let next = peek, next != UInt8(ascii: "]") {
                guard let last = escapable() else { return nil }
                if first <= last { set.ranges.append(BracketSet.Range(first: UInt32(first), last: UInt32(last))) }
                previous = nil
                continue
            }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = peek else { return nil }
                byte = escaped
                offset += 1
            }
            set.ranges.append(BracketSet.Range(first: UInt32(byte), last: UInt32(byte)))
            previous = byte
        } while peek != UInt8(ascii: "]")
        offset += 1
        return set
    }

    /// The byte that ends a range.
    private mutating func escapable() -> UInt8? {
        if peek == UInt8(ascii: "\\") { offset += 1 }
        defer { offset += 1 }
        return peek
    }

    /// Where the name in `[:name:]` lies; the offset is at its first colon. nil if this is no such thing.
    private func classRange() -> Range<Int>? {
        guard let end = bytes[(offset + 1)...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
        return end - 1 > offset && bytes[end - 1] == UInt8(ascii: ":") ? offset + 1..<end - 1 : nil
    }
}
