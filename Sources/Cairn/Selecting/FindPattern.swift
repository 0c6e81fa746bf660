/// What `find` looks for: without a slash a base name; with one the end of a path, or all of it if the slash leads.
///
/// The pieces are those of `PathPattern`; but what fits a folder does not fit what is below it, and nothing is taken back: a
/// leading `!` is part of the name.
public struct FindPattern: Sendable {
    private let set: PatternSet
    private let ignoresCase: Bool
    /// Whether the base name decides.
    public let isForNames: Bool

    /// Understands a pattern.
    public init(_ bytes: [UInt8], ignoringCase: Bool = false) throws(PatternError) {
        var set = PatternSet(unit: .character, ignoresCase: ignoringCase)
        do throws(PathPattern.Flaw) {
            let (parts, wantsDirectory) = try PathPattern.parse(bytes[...], coversBelow: false)
            set.add(parts, wantsDirectory: wantsDirectory)
        } catch {
            throw PatternError(pattern: bytes, reason: error.reason)
        }
        self.set = set
        ignoresCase = ignoringCase
        isForNames = set.start.isEmpty
    }

    /// Whether a path is one of those looked for. Of a pattern for names only the path's last component is read.
    public func matches(path: [UInt8], isDirectory: Bool) -> Bool {
        let path = ignoresCase ? CaseFolding.fold(path) : path
        if isForNames {
            let start = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
            return set.lastMatch(path.span.extracting(start...), isDirectory: isDirectory, waiting: [], after: -1) >= 0
        }
        var waiting = set.start
        let names = path.split(separator: UInt8(ascii: "/"))
        guard let last = names.last else { return false }
        for name in names.dropLast() { waiting = set.advance(waiting, into: name.span) }
        return set.lastMatch(last.span, isDirectory: isDirectory, waiting: waiting, after: -1) >= 0
    }
}
