/// Patterns for paths, compiled to be matched name by name while a walk goes down a tree: nothing is ever matched twice, and
/// no path is built.
///
/// Most patterns are for one name anywhere; those are only compared. Any other is a row of names, and *waits* in a folder for
/// the name that comes next; going into a folder moves it on, drops it or leaves it. What waits is at most as long as the
/// patterns together, so no pattern makes the work explode.
struct PatternSet: Sendable {
    /// Which pattern waits for which of its parts.
    struct Waiting: Equatable, Sendable {
        fileprivate let pattern: Int
        fileprivate let part: Int
    }

    /// A pattern for one name, anywhere.
    private struct Single: Sendable {
        let pattern: Int
        let glob: GlobTable.Glob
        let wantsDirectory: Bool
    }

    /// A name in a row.
    private struct Part: Sendable {
        let glob: GlobTable.Glob
        /// Any number of folders may come before it.
        let stays: Bool
        let isLast: Bool
        let wantsDirectory: Bool
    }

    private var table: GlobTable
    private var singles: [Single] = []
    private var parts: [Part] = []
    /// How many patterns there are.
    private(set) var count = 0
    /// What waits in the folder that the patterns are anchored at.
    private(set) var start: [Waiting] = []

    /// An empty set.
    init(unit: GlobTable.Unit, ignoresCase: Bool = false) {
        table = GlobTable(unit: unit, ignoresCase: ignoresCase)
    }

    /// Adds a pattern behind the others and returns its number. It begins at the anchor, and with `.anyDepth` anywhere below.
    /// The last part must be a name.
    @discardableResult
    mutating func add(_ path: [PathPart], wantsDirectory: Bool) -> Int {
        defer { count += 1 }
        if path.count == 2, path[0] == .anyDepth, case .name(let name) = path[1] {
            singles.append(Single(pattern: count, glob: table.add(name), wantsDirectory: wantsDirectory))
            return count
        }
        start.append(Waiting(pattern: count, part: parts.count))
        var stays = false
        for (index, part) in path.enumerated() {
            guard case .name(let name) = part else {
                stays = true
                continue
            }
            let isLast = index == path.count - 1
            parts.append(
                Part(
                    glob: table.add(name), stays: stays, isLast: isLast, wantsDirectory: isLast && wantsDirectory))
            stays = false
        }
        return count
    }

    /// The last pattern that describes this name in a folder where those patterns wait; `least` if none behind that one does.
    func lastMatch(_ name: Span<UInt8>, isDirectory: Bool, waiting: [Waiting], after least: Int) -> Int {
        var best = least
        var index = singles.count - 1
        while index >= 0, singles[index].pattern > best {
            let single = singles[index]
            if isDirectory || !single.wantsDirectory, table.matches(single.glob, name) { best = single.pattern }
            index -= 1
        }
        for state in waiting where state.pattern > best {
            let part = parts[state.part]
            if part.isLast, isDirectory || !part.wantsDirectory, table.matches(part.glob, name) {
                best = state.pattern
            }
        }
        return best
    }

    /// What waits inside the folder of that name.
    func advance(_ waiting: [Waiting], into name: Span<UInt8>) -> [Waiting] {
        var isSame = true
        for state in waiting {
            let part = parts[state.part]
            if !part.stays || (!part.isLast && table.matches(part.glob, name)) {
                isSame = false
                break
            }
        }
        if isSame { return waiting }
        // In the order of pattern and part, here as there, so that a double can only be the one before.
        var next: [Waiting] = []
        for state in waiting {
            let part = parts[state.part]
            if part.stays, next.last != state { next.append(state) }
            if !part.isLast, table.matches(part.glob, name) {
                next.append(Waiting(pattern: state.pattern, part: state.part + 1))
            }
        }
        return next
    }

    /// Whether one of the patterns behind `least` that pass the filter may match below a folder where those wait.
    func mayMatchBelow(_ waiting: [Waiting], after least: Int, where isWanted: (Int) -> Bool) -> Bool {
        waiting.contains { $0.pattern > least && isWanted($0.pattern) }
            || singles.contains { $0.pattern > least && isWanted($0.pattern) }
    }
}
