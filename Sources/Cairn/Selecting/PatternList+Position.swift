extension PatternList {
    /// Where a walk stands in the patterns: in one folder. A small value; the walk keeps one for each folder that it is in.
    struct Position: Sendable {
        private let compiled: Compiled?
        /// The last pattern that fits the folder itself or one above it.
        private let decided: Int
        private let waiting: [PatternSet.Waiting]

        init(_ compiled: Compiled?) {
            self.init(compiled, decided: -1, waiting: compiled?.set.start ?? [])
        }

        private init(_ compiled: Compiled?, decided: Int, waiting: [PatternSet.Waiting]) {
            self.compiled = compiled
            self.decided = decided
            self.waiting = waiting
        }

        /// The position in a folder of this one.
        func entering(_ name: [UInt8]) -> Position {
            guard let compiled else { return self }
            let name = compiled.ignoresCase ? CaseFolding.fold(name) : name
            let match = compiled.set.lastMatch(name.span, isDirectory: true, waiting: waiting, after: decided)
            return Position(compiled, decided: match, waiting: compiled.set.advance(waiting, into: name.span))
        }

        /// What the list says of an entry of this folder.
        func verdict(of name: [UInt8], isDirectory: Bool) -> Verdict {
            guard let compiled else { return .none }
            let name = compiled.ignoresCase ? CaseFolding.fold(name) : name
            let match = compiled.set.lastMatch(name.span, isDirectory: isDirectory, waiting: waiting, after: decided)
            return compiled.verdict(of: match)
        }

        /// As excludes: whether an entry of this folder is left out, with all that may be below it.
        func isExcluded(_ name: [UInt8], isDirectory: Bool) -> Bool {
            verdict(of: name, isDirectory: isDirectory) == .matched
        }

        /// As includes: whether an entry of this folder is selected.
        func isSelected(_ name: [UInt8], isDirectory: Bool) -> Bool {
            verdict(of: name, isDirectory: isDirectory) == .matched
        }

        /// As includes: whether something in this folder or below it may be selected. Never wrongly false.
        var mayContainSelected: Bool {
            guard let compiled else { return false }
            if decided >= 0, !compiled.takesBack[decided] { return true }
            return compiled.set.mayMatchBelow(waiting, after: decided) { !compiled.takesBack[$0] }
        }
    }
}
