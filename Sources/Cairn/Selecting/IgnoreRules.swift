/// What git would leave out of a folder, by `.gitignore` files in it and above it and by `.git/info/exclude`.
///
/// A walk carries the rules down: `entering` yields those of a folder inside, and shares what stays the same. The last line
/// that fits decides, of the nearest file that has one; a folder that is ignored is not to be entered, so nothing in it is
/// taken back. A folder with a `.git` of its own begins anew, rules count outside of repositories too, and `.git` itself and
/// what is in it are never ignored.
///
/// Two things differ from git: a file that git already tracks is not known here and is ignored like any other, and
/// the user's own `core.excludesFile` is not read.
struct IgnoreRules: Sendable {
    /// What a folder adds to the rules.
    struct Files: Sendable {
        /// The bytes of its `.gitignore`.
        var ignoreFile: [UInt8]?
        /// Whether it has a `.git`, folder or file.
        var isRepository: Bool
        /// The bytes of its `.git/info/exclude`.
        var excludeFile: [UInt8]?

        /// What a folder adds; nothing, if nothing is given.
        init(ignoreFile: [UInt8]? = nil, isRepository: Bool = false, excludeFile: [UInt8]? = nil) {
            self.ignoreFile = ignoreFile
            self.isRepository = isRepository
            self.excludeFile = excludeFile
        }
    }

    /// One file's rules as they stand in a folder, and those of the files outside.
    private final class Layer: Sendable {
        let file: IgnoreFile
        let waiting: [PatternSet.Waiting]
        let outer: Layer?

        init(_ file: IgnoreFile, waiting: [PatternSet.Waiting], outer: Layer?) {
            self.file = file
            self.waiting = waiting
            self.outer = outer
        }

        func entering(_ name: [UInt8]) -> Layer {
            let outside = outer?.entering(name)
            let inside = file.set.advance(waiting, into: name.span)
            return outside === outer && inside == waiting ? self : Layer(file, waiting: inside, outer: outside)
        }
    }

    private var innermost: Layer?
    private var isInRepositoryData = false

    /// The rules of a folder that has none above it.
    init(_ files: Files = Files()) { add(files) }

    /// The rules of a folder in this one.
    func entering(_ name: [UInt8], _ files: Files = Files()) -> IgnoreRules {
        var rules = self
        if isInRepositoryData { return rules }
        if name == Self.repositoryName {
            rules.isInRepositoryData = true
            rules.innermost = nil
            return rules
        }
        rules.innermost = files.isRepository ? nil : innermost?.entering(name)
        rules.add(files)
        return rules
    }

    /// Whether git would leave out an entry of this folder.
    func isIgnored(_ name: [UInt8], isDirectory: Bool) -> Bool {
        var layer = innermost
        if layer == nil || name == Self.repositoryName { return false }
        while let current = layer {
            let match = current.file.set.lastMatch(
                name.span, isDirectory: isDirectory, waiting: current.waiting, after: -1)
            if match >= 0 { return !current.file.takesBack[match] }
            layer = current.outer
        }
        return false
    }

    private mutating func add(_ files: Files) {
        for bytes in [files.isRepository ? files.excludeFile : nil, files.ignoreFile] {
            guard let bytes, let file = IgnoreFile(bytes) else { continue }
            innermost = Layer(file, waiting: file.set.start, outer: innermost)
        }
    }

    /// The folder or file that makes a folder a repository.
    static let repositoryName = Array(".git".utf8)
}
