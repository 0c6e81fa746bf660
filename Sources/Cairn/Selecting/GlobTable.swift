/// The patterns for single names of one list, compiled into flat storage: to match a name allocates nothing and counts no
/// references. Literal names, `name*` and `*.extension` are compared as bytes.
///
/// No pattern takes longer than its length times the name's: of several `*` only the last one met is ever tried again,
/// because whatever an earlier one could take in, the last one can too.
struct GlobTable: Sendable {
    /// What `?` and brackets stand for.
    enum Unit: Sendable {
        case byte, character
    }

    /// A compiled pattern; its number is good in the table that made it.
    struct Glob: Sendable {
        fileprivate enum Shape: Sendable {
            case anything, literal, prefix, suffix, general
        }
        fileprivate let shape: Shape
        fileprivate let start: Int
        fileprivate let count: Int
    }

    private enum Token: Sendable {
        case byte(UInt8)
        case one
        case star
        case set(start: Int, end: Int, isNegated: Bool)
    }

    private let unit: Unit
    private let ignoresCase: Bool
    private var text: [UInt8] = []
    private var tokens: [Token] = []
    private var ranges: [BracketSet.Range] = []

    /// An empty table. One that ignores case wants its names folded.
    init(unit: Unit, ignoresCase: Bool = false) {
        self.unit = unit
        self.ignoresCase = ignoresCase
    }

    /// Compiles a pattern.
    mutating func add(_ parts: [GlobPart]) -> Glob {
        let parts = ignoresCase ? Self.folded(parts) : parts
        let stars = parts.count { $0 == .star }
        if stars == 0, let name = Self.bytes(parts) { return addText(.literal, name) }
        if stars == 1 {
            if parts.count == 1 { return Glob(shape: .anything, start: 0, count: 0) }
            if parts.last == .star, let name = Self.bytes(parts.dropLast()) { return addText(.prefix, name) }
            if parts.first == .star, let name = Self.bytes(parts.dropFirst()) { return addText(.suffix, name) }
        }
        let start = tokens.count
        for part in parts { addToken(part) }
        return Glob(shape: .general, start: start, count: tokens.count - start)
    }

    private mutating func addText(_ shape: Glob.Shape, _ bytes: [UInt8]) -> Glob {
        text += bytes
        return Glob(shape: shape, start: text.count - bytes.count, count: bytes.count)
    }

    private mutating func addToken(_ part: GlobPart) {
        switch part {
        case .byte(let byte): tokens.append(.byte(byte))
        case .one: tokens.append(.one)
        case .star: tokens.append(.star)
        case .set(let set):
            ranges += set.ranges
            tokens.append(.set(start: ranges.count - set.ranges.count, end: ranges.count, isNegated: set.isNegated))
        }
    }

    private static func bytes(_ parts: some Sequence<GlobPart>) -> [UInt8]? {
        var bytes: [UInt8] = []
        for part in parts {
            guard case .byte(let byte) = part else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// Folds the literal stretches; sets are asked for both cases instead, for their ranges mean what they say.
    private static func folded(_ parts: [GlobPart]) -> [GlobPart] {
        var folded: [GlobPart] = []
        var stretch: [UInt8] = []
        for part in parts {
            if case .byte(let byte) = part {
                stretch.append(byte)
            } else {
                folded += CaseFolding.fold(stretch).map(GlobPart.byte)
                stretch = []
                folded.append(part)
            }
        }
        return folded + CaseFolding.fold(stretch).map(GlobPart.byte)
    }
}

extension GlobTable {
    /// Whether a name, folded if the table ignores case, is what the pattern describes.
    @inline(__always)
    func matches(_ glob: Glob, _ name: Span<UInt8>) -> Bool {
        switch glob.shape {
        case .anything: true
        case .literal: name.count == glob.count && equals(glob, name, from: 0)
        case .prefix: name.count >= glob.count && equals(glob, name, from: 0)
        case .suffix: name.count >= glob.count && equals(glob, name, from: name.count - glob.count)
        case .general: matchesTokens(glob, name)
        }
    }

    /// Backwards, because names differ more at their ends.
    @inline(__always)
    private func equals(_ glob: Glob, _ name: Span<UInt8>, from offset: Int) -> Bool {
        var index = glob.count - 1
        while index >= 0 {
            if text[glob.start + index] != name[offset + index] { return false }
            index -= 1
        }
        return true
    }

    private func matchesTokens(_ glob: Glob, _ name: Span<UInt8>) -> Bool {
        let end = glob.start + glob.count
        var token = glob.start
        var offset = 0
        // Behind the last star met, and how far that star reaches so far.
        var resumption: (token: Int, offset: Int)?
        while true {
            if token < end {
                if case .star = tokens[token] {
                    token += 1
                    if token == end { return true }
                    resumption = (token, offset)
                    continue
                }
                if offset < name.count, let width = width(of: tokens[token], in: name, at: offset) {
                    token += 1
                    offset += width
                    continue
                }
            } else if offset == name.count {
                return true
            }
            guard let (start, reach) = resumption, reach < name.count else { return false }
            offset = reach + character(in: name, at: reach).width
            token = start
            resumption = (start, offset)
        }
    }

    /// How many bytes of the name a token takes; nil where it does not fit.
    @inline(__always)
    private func width(of token: Token, in name: Span<UInt8>, at offset: Int) -> Int? {
        switch token {
        case .byte(let byte): return name[offset] == byte ? 1 : nil
        case .one: return character(in: name, at: offset).width
        case .star: return nil
        case .set(let start, let end, let isNegated):
            let character = character(in: name, at: offset)
            var isIn = contains(character.number, start, end)
            if !isIn, ignoresCase { isIn = contains(CaseFolding.upper(character.number), start, end) }
            return isIn != isNegated ? character.width : nil
        }
    }

    private func contains(_ number: UInt32, _ start: Int, _ end: Int) -> Bool {
        for index in start..<end where ranges[index].first <= number && number <= ranges[index].last { return true }
        return false
    }

    @inline(__always)
    private func character(in name: Span<UInt8>, at offset: Int) -> NameCharacter {
        unit == .byte ? NameCharacter(byte: name[offset]) : NameCharacter(in: name, at: offset)
    }
}
