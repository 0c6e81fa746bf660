extension Selection {
    /// Where a scan stands in a selection: in one folder. It answers for the folder's entries, by their names alone.
    public struct Folder: Sendable {
        private let selection: Selection
        /// Whether no name needs to be looked at.
        private let takesAllNames: Bool
        private var excludes: PatternList.Position
        private var excludesIgnoringCase: PatternList.Position
        private var rules = IgnoreRules()

        /// Whether a mark leaves out what is in the folder. The folder itself and its marks stay.
        public private(set) var excludesContents = false
        private var keptNames: [[UInt8]] = []

        init(
            _ selection: Selection, path: [UInt8], listing: some Sequence<[UInt8]>, read: Reading, readAbove: Reading?
        ) {
            self.selection = selection
            excludes = selection.excludes.root
            excludesIgnoringCase = selection.excludesIgnoringCase.root
            takesAllNames =
                selection.excludes.isEmpty && selection.excludesIgnoringCase.isEmpty && !selection.followsGitignore
            for name in path.split(separator: UInt8(ascii: "/")).map(Array.init) { follow(name) }
            if selection.followsGitignore, let readAbove { rules = Self.rules(above: path, readAbove) }
            let last = path.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
            look(name: last, listing, read)
        }

        /// The state in a folder of this one. Its listing is looked at once, and only if marks or git's rules need it.
        public func child(
            _ name: [UInt8], listing: some Sequence<[UInt8]>, read: Reading
        ) -> Folder {
            var child = self
            if !takesAllNames { child.follow(name) }
            child.look(name: name, listing, read)
            return child
        }

        /// Whether an entry is left out, with all that may be below it. Constant where the selection has no patterns.
        ///
        /// `size` is the length of a regular file; nil for anything else.
        public func isExcluded(_ name: [UInt8], isDirectory: Bool, size: UInt64? = nil) -> Bool {
            if let size, isTooLong(size) { return true }
            if excludesContents, !keptNames.contains(name) { return true }
            if takesAllNames { return false }
            return excludes.isExcluded(name, isDirectory: isDirectory)
                || excludesIgnoringCase.isExcluded(name, isDirectory: isDirectory)
                || rules.isIgnored(name, isDirectory: isDirectory)
        }

        /// Whether a regular file of this length is left out, whatever its name.
        func isTooLong(_ size: UInt64) -> Bool { selection.sizeMax.map { size > $0 } ?? false }

        private mutating func follow(_ name: [UInt8]) {
            excludes = excludes.entering(name)
            excludesIgnoringCase = excludesIgnoringCase.entering(name)
        }

        /// Looks for marks and for git's files in the folder.
        private mutating func look(name: [UInt8], _ listing: some Sequence<[UInt8]>, _ read: Reading) {
            excludesContents = false
            keptNames = []
            let marks = selection.presenceMarks
            guard selection.followsGitignore || !marks.isEmpty else { return }
            var files = IgnoreRules.Files()
            for entry in listing {
                if selection.followsGitignore {
                    if entry == IgnoreRules.repositoryName { files.isRepository = true }
                    if entry == Self.ignoreFileName { files.ignoreFile = read(entry, IgnoreFile.bytesMax) }
                }
                for mark in marks where mark.name == entry && !keptNames.contains(entry) {
                    let bytes = mark.byteCount == 0 ? [] : read(entry, mark.byteCount)
                    if let bytes, mark.holds(bytes) { keptNames.append(entry) }
                }
            }
            excludesContents = !keptNames.isEmpty
            guard selection.followsGitignore else { return }
            if files.isRepository { files.excludeFile = read(Self.excludeFilePath, IgnoreFile.bytesMax) }
            rules = rules.entering(name, files)
        }

        /// The rules that stand above a source, from the root down to its parent.
        private static func rules(above path: [UInt8], _ read: Reading) -> IgnoreRules {
            var rules = IgnoreRules()
            var folder: [UInt8] = []
            for name in [[]] + path.split(separator: UInt8(ascii: "/")).dropLast().map(Array.init) {
                folder += name + [UInt8(ascii: "/")]
                var files = IgnoreRules.Files(ignoreFile: read(folder + ignoreFileName, IgnoreFile.bytesMax))
                let repository = folder + IgnoreRules.repositoryName
                files.isRepository = read(repository + Array("/HEAD".utf8), 1) != nil || read(repository, 1) != nil
                if files.isRepository { files.excludeFile = read(folder + excludeFilePath, IgnoreFile.bytesMax) }
                rules = name.isEmpty ? IgnoreRules(files) : rules.entering(name, files)
            }
            return rules
        }

        private static let ignoreFileName = Array(".gitignore".utf8)
        private static let excludeFilePath = Array(".git/info/exclude".utf8)
    }
}
