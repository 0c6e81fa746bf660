internal import Cairn
internal import CommandLine
internal import Posix

/// Which names a snapshot takes.
struct SelectionOptions: OptionGroup {
    static let title: String? = "What is left out"

    let exclude = OptionList("exclude", short: "e", .pattern, help: "Leave out what this pattern fits.")
    let iexclude = OptionList("iexclude", .pattern, help: "The same, whatever the case of letters.")
    let excludeFile = OptionList(
        "exclude-file", .file, help: "Leave out what a pattern in this file fits; one a line, # begins a comment.")
    let iexcludeFile = OptionList("iexclude-file", .file, help: "The same, whatever the case of letters.")
    let excludeCaches = Flag(
        "exclude-caches", help: "Of folders that a CACHEDIR.TAG marks as caches, take only that file.")
    let excludeIfPresent = OptionList(
        "exclude-if-present", .presenceMark,
        help: "Of folders with a file of this name (that begins with HEADER), take only that file.")
    let excludeLargerThan = Option("exclude-larger-than", .size(), help: "Leave out files that are longer.")
    let gitignore = Flag("gitignore", help: "Leave out what git ignores: .gitignore in any folder, .git/info/exclude.")
    let oneFileSystem = Flag("one-file-system", short: "x", help: "Take folders of other file systems empty.")
}

/// What the options leave out.
struct GivenSelection {
    var selection = Selection()
    /// How the manifest tells it: patterns as they are, all else as the option that was given.
    var texts: [String] = []

    /// A manifest is no place for lists of any length.
    private static let textsMax = 1_000

    /// A pattern's own text, in which a backslash has its meaning.
    private static func exact(_ bytes: [UInt8]) -> String {
        String(validating: bytes, as: UTF8.self) ?? PrintableText.escape(bytes)
    }

    init(_ arguments: Arguments<SelectionOptions>) throws {
        let plain = try arguments.exclude + arguments.excludeFile.flatMap { try [PathPattern].read(Path($0.bytes)) }
        let folding = try arguments.iexclude + arguments.iexcludeFile.flatMap { try [PathPattern].read(Path($0.bytes)) }
        selection.excludes = PatternList(plain)
        selection.excludesIgnoringCase = PatternList(folding, ignoringCase: true)
        selection.followsGitignore = arguments.gitignore
        selection.presenceMarks = (arguments.excludeCaches ? [CacheTag.mark] : []) + arguments.excludeIfPresent
        selection.sizeMax = arguments.excludeLargerThan.map { UInt64($0) }

        texts = plain.map { Self.exact($0.bytes) }
        texts += folding.map { "--iexclude=\(Self.exact($0.bytes))" }
        if arguments.excludeCaches { texts.append("--exclude-caches") }
        for mark in arguments.excludeIfPresent {
            let header = mark.header.isEmpty ? "" : ":" + Self.exact(mark.header)
            texts.append("--exclude-if-present=\(Self.exact(mark.name))\(header)")
        }
        if let size = arguments.excludeLargerThan { texts.append("--exclude-larger-than=\(size)") }
        if arguments.gitignore { texts.append("--gitignore") }
        if arguments.oneFileSystem { texts.append("--one-file-system") }
        if texts.count > Self.textsMax {
            texts[(Self.textsMax - 1)...] = ["… and \(texts.count - Self.textsMax + 1) more"]
        }
    }
}

extension ValueParser where Value == PresenceMark {
    /// A file's name, and perhaps what the file must begin with.
    static var presenceMark: ValueParser {
        ValueParser("NAME[:HEADER]") { argument throws(ValueProblem) in
            do throws(PatternError) { return try PresenceMark(parsing: argument.bytes) } catch {
                throw ValueProblem(error.reason)
            }
        }
    }
}
