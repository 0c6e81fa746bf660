import TestSupport

@testable import Cairn

/// Short paths and patterns over few letters, so that they often meet.
enum RandomPaths {
    static func path(_ random: inout SplitMix64) -> [[UInt8]] {
        (0..<1 + random.number(below: 5)).map { _ in
            (0..<1 + random.number(below: 2)).map { _ in UInt8(ascii: "a") + UInt8(random.number(below: 2)) }
        }
    }

    static func pattern(_ random: inout SplitMix64) throws -> PathPattern {
        let pieces = ["a", "b", "a", "b", "*", "?", "[ab]", "[^a]", "\\a"]
        let names = (0..<1 + random.number(below: 4)).map { _ in
            random.number(below: 4) == 0
                ? "**"
                : (0..<1 + random.number(below: 2)).map { _ in pieces[random.number(below: pieces.count)] }.joined()
        }
        let start = ["", "", "/", "!", "!/"][random.number(below: 5)]
        return try PathPattern(start + names.joined(separator: "/") + (random.number(below: 5) == 0 ? "/" : ""))
    }
}

extension [[UInt8]] {
    /// The path with a slash before each name.
    func joined() -> [UInt8] { flatMap { [UInt8(ascii: "/")] + $0 } }
}

/// The meaning of patterns in the fewest words, at any cost: tries every stretch of the path.
enum PlainMatcher {
    static func verdict(_ patterns: [PathPattern], _ path: [[UInt8]], isDirectory: Bool) -> PatternList.Verdict {
        guard let last = patterns.last(where: { fits($0, path, isDirectory: isDirectory) }) else { return .none }
        return last.takesBack ? .takenBack : .matched
    }

    private static func fits(_ pattern: PathPattern, _ path: [[UInt8]], isDirectory: Bool) -> Bool {
        var text = String(decoding: pattern.bytes, as: UTF8.self)
        if pattern.takesBack { text.removeFirst() }
        let wantsDirectory = text.hasSuffix("/")
        let isAnchored = text.hasPrefix("/")
        let names = text.split(separator: "/").map { Array($0.utf8) }
        for end in 1...path.count where !wantsDirectory || isDirectory || end < path.count {
            for start in 0..<(isAnchored ? 1 : end) where fits(names[...], path[start..<end]) { return true }
        }
        return false
    }

    private static func fits(_ names: ArraySlice<[UInt8]>, _ path: ArraySlice<[UInt8]>) -> Bool {
        guard let name = names.first else { return path.isEmpty }
        if name == Array("**".utf8) {
            return fits(names.dropFirst(), path) || (!path.isEmpty && fits(names, path.dropFirst()))
        }
        guard let first = path.first else { return false }
        return fitsName(name[...], first[...]) && fits(names.dropFirst(), path.dropFirst())
    }

    private static func fitsName(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        guard let sign = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        if sign == UInt8(ascii: "*") {
            return fitsName(rest, name) || (!name.isEmpty && fitsName(pattern, name.dropFirst()))
        }
        guard let byte = name.first else { return false }
        switch sign {
        case UInt8(ascii: "?"): return fitsName(rest, name.dropFirst())
        case UInt8(ascii: "\\"): return byte == rest.first! && fitsName(rest.dropFirst(), name.dropFirst())
        case UInt8(ascii: "["):
            let isIn = pattern.starts(with: Array("[ab]".utf8)) ? true : byte != UInt8(ascii: "a")
            return isIn && fitsName(pattern.dropFirst(4), name.dropFirst())
        default: return byte == sign && fitsName(rest, name.dropFirst())
        }
    }
}
