/// A pattern for paths, as `--exclude` and `--include` take them.
///
/// - A leading `/` anchors it at the root; otherwise any run of components may match: `a/b` fits `/x/a/b` and all below it.
/// - `*` is any number of characters of one name, `?` one character, `[a-z]` one of these, `[^a-z]` one that is none of
///   these; `\` takes the character behind it as it is. A name that is `**` stands for any number of folders, also none.
/// - A leading `!` takes back what earlier patterns matched; `\!` is a name that begins so.
/// - A trailing `/` fits directories only. (restic ignores it; to leave out less is the safer reading.)
/// - `.`, `..` and doubled slashes are resolved by their letters: `./a//b/../c` is `a/c`.
public struct PathPattern: Hashable, Sendable {
    /// The pattern as it was given.
    public let bytes: [UInt8]
    /// Whether it takes back.
    public let takesBack: Bool
    /// Whether it fits directories only.
    let wantsDirectory: Bool
    let parts: [PathPart]

    /// Understands a pattern.
    public init(_ bytes: [UInt8]) throws(PatternError) {
        self.bytes = bytes
        takesBack = bytes.first == UInt8(ascii: "!")
        let body = takesBack ? bytes.dropFirst() : bytes[...]
        do throws(Flaw) {
            (parts, wantsDirectory) = try Self.parse(body, coversBelow: true)
        } catch {
            throw PatternError(pattern: bytes, reason: error.reason)
        }
    }

    /// Understands a pattern written as text.
    public init(_ text: String) throws(PatternError) { try self.init(Array(text.utf8)) }

    /// What is wrong, without the pattern.
    struct Flaw: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    /// The pieces. Where what fits a folder fits all below it, `a/**` is `a`; otherwise it is what lies in `a`.
    static func parse(
        _ body: ArraySlice<UInt8>, coversBelow: Bool
    ) throws(Flaw) -> (parts: [PathPart], wantsDirectory: Bool) {
        if body.isEmpty { throw Flaw("it is empty") }
        if body.contains(0) { throw Flaw("it holds a NUL byte, which no name does") }
        let isAnchored = body.first == slash
        let names = try resolved(body, isAnchored: isAnchored)
        if names.isEmpty {
            if isAnchored { return ([.anyDepth, .anyName], false) }
            throw Flaw("it names nothing")
        }
        var parts: [PathPart] = isAnchored ? [] : [.anyDepth]
        for name in names {
            if name.count == 2, name.allSatisfy({ $0 == star }) {
                if parts.last != .anyDepth { parts.append(.anyDepth) }
            } else {
                parts.append(.name(try NamePatternParser.parse(name)))
            }
        }
        if parts.last == .anyDepth {
            if coversBelow { parts.removeLast() } else { parts.append(.anyName) }
        }
        if parts.isEmpty { parts = [.anyDepth, .anyName] }
        return (parts, body.last == slash)
    }

    /// The components, with `.` and `..` resolved.
    private static func resolved(_ body: ArraySlice<UInt8>, isAnchored: Bool) throws(Flaw) -> [ArraySlice<UInt8>] {
        var names: [ArraySlice<UInt8>] = []
        for name in body.split(separator: slash) where !name.elementsEqual([dot]) {
            guard name.elementsEqual([dot, dot]) else {
                names.append(name)
                continue
            }
            if names.popLast() == nil, !isAnchored { throw Flaw("no stored path has a \"..\"") }
        }
        return names
    }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")
    private static let star = UInt8(ascii: "*")
}

extension PathPattern: CustomStringConvertible {
    /// The pattern as text, with bytes that are not UTF-8 replaced.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
