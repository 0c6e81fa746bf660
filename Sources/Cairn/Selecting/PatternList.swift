/// Patterns in their order: the last one that fits decides. What fits a folder fits all below it.
///
/// A list serves either of two uses. As excludes: a folder that is matched is left out with all below it, and a later `!` for
/// something below does not bring that back, because the folder is not entered. As includes: what is matched is selected,
/// and folders are entered as long as something below may be.
///
/// A walk asks a `Position`, which it takes along; single paths are asked for here. Both cost time in proportion to the name,
/// or path, and the patterns; an empty list costs nothing.
public struct PatternList: Sendable {
    /// What a list says of a path.
    public enum Verdict: Hashable, Sendable {
        /// No pattern fits.
        case none
        /// The last pattern that fits takes in.
        case matched
        /// The last pattern that fits takes back.
        case takenBack
    }

    /// What was compiled once, so that positions copy cheaply.
    final class Compiled: Sendable {
        let set: PatternSet
        let takesBack: [Bool]
        let ignoresCase: Bool

        init(_ patterns: [PathPattern], ignoresCase: Bool) {
            var set = PatternSet(unit: .character, ignoresCase: ignoresCase)
            for pattern in patterns { set.add(pattern.parts, wantsDirectory: pattern.wantsDirectory) }
            self.set = set
            self.takesBack = patterns.map(\.takesBack)
            self.ignoresCase = ignoresCase
        }

        /// What it means that this pattern is the last that fits; -1 is none.
        func verdict(of match: Int) -> Verdict { match < 0 ? .none : takesBack[match] ? .takenBack : .matched }
    }

    /// The patterns.
    public let patterns: [PathPattern]
    private let compiled: Compiled?

    /// A list of no patterns, or of these. One that ignores case does so by Unicode's simple folding.
    public init(_ patterns: [PathPattern] = [], ignoringCase: Bool = false) {
        self.patterns = patterns
        compiled = patterns.isEmpty ? nil : Compiled(patterns, ignoresCase: ignoringCase)
    }

    /// A list of patterns that are yet to be understood.
    public init(_ texts: [String], ignoringCase: Bool = false) throws(PatternError) {
        var patterns: [PathPattern] = []
        for text in texts { patterns.append(try PathPattern(text)) }
        self.init(patterns, ignoringCase: ignoringCase)
    }

    /// Whether there are no patterns.
    public var isEmpty: Bool { compiled == nil }

    /// The position in the root folder, where a walk begins.
    var root: Position { Position(compiled) }

    /// What the list says of a path from the root; a leading slash may be left out.
    public func verdict(of path: [UInt8], isDirectory: Bool) -> Verdict {
        var verdict = Verdict.none
        walk(path, isDirectory: isDirectory) { matched in
            verdict = matched
            return true
        }
        return verdict
    }

    /// As excludes: whether the path, or a folder above it, is left out.
    public func isExcluded(_ path: [UInt8], isDirectory: Bool) -> Bool {
        var isExcluded = false
        walk(path, isDirectory: isDirectory) { verdict in
            isExcluded = verdict == .matched
            return !isExcluded
        }
        return isExcluded
    }

    /// As includes: whether the path is selected.
    public func isSelected(_ path: [UInt8], isDirectory: Bool) -> Bool {
        verdict(of: path, isDirectory: isDirectory) == .matched
    }

    /// As includes: whether something below the folder may be selected.
    public func mayContainSelected(_ path: [UInt8]) -> Bool {
        guard compiled != nil else { return false }
        var position = root
        for name in path.split(separator: UInt8(ascii: "/")) { position = position.entering(Array(name)) }
        return position.mayContainSelected
    }

    /// Goes down a path and tells the verdict on each folder and at last on the path itself, as long as the body wants more.
    private func walk(_ path: [UInt8], isDirectory: Bool, _ wantsMore: (Verdict) -> Bool) {
        guard let compiled else { return }
        let path = compiled.ignoresCase ? CaseFolding.fold(path) : path
        let bytes = path.span
        let slash = UInt8(ascii: "/")
        var count = bytes.count
        while count > 0, bytes[count - 1] == slash { count -= 1 }
        var waiting = compiled.set.start
        var match = -1
        var start = 0
        while start < count {
            var end = start
            while end < count, bytes[end] != slash { end += 1 }
            if end > start {
                let name = bytes.extracting(start..<end)
                match = compiled.set.lastMatch(
                    name, isDirectory: isDirectory || end < count, waiting: waiting, after: match)
                if !wantsMore(compiled.verdict(of: match)) { return }
                if end < count { waiting = compiled.set.advance(waiting, into: name) }
            }
            start = end + 1
        }
    }
}
