internal import Cairn
internal import CommandLine
internal import Posix

/// Which entries of a snapshot are restored.
struct RestoreSelectionOptions: OptionGroup {
    static let title: String? = "What is restored"

    let include = OptionList("include", short: "i", .bytes.named("PATTERN"), help: "Restore only what this fits.")
    let iinclude = OptionList("iinclude", .bytes.named("PATTERN"), help: "The same, whatever its case.")
    let includeFile = OptionList("include-file", .file, help: "Restore only what a pattern in this file fits.")
    let exclude = OptionList("exclude", short: "e", .bytes.named("PATTERN"), help: "Leave out what this fits.")
    let iexclude = OptionList("iexclude", .bytes.named("PATTERN"), help: "The same, whatever its case.")
    let excludeFile = OptionList("exclude-file", .file, help: "Leave out what a pattern in this file fits.")
}

extension Arguments<RestoreSelectionOptions> {
    /// The selection that the options describe: what the includes fit, or everything, without what the excludes fit.
    func selection() throws -> RestoreRequest.Selection {
        let includes = [
            try Self.list(self.include.map(\.bytes), files: self.includeFile.map(\.bytes)),
            try Self.list(self.iinclude.map(\.bytes), ignoringCase: true),
        ].filter { !$0.isEmpty }
        let excludes = [
            try Self.list(self.exclude.map(\.bytes), files: self.excludeFile.map(\.bytes)),
            try Self.list(self.iexclude.map(\.bytes), ignoringCase: true),
        ].filter { !$0.isEmpty }
        if includes.isEmpty && excludes.isEmpty { return .all }
        return RestoreRequest.Selection { path, isDirectory in
            if excludes.contains(where: { $0.isExcluded(path, isDirectory: isDirectory) }) { return false }
            return includes.isEmpty || includes.contains { $0.isSelected(path, isDirectory: isDirectory) }
        } mayContainSelected: { path in
            if excludes.contains(where: { $0.isExcluded(path, isDirectory: true) }) { return false }
            return includes.isEmpty || includes.contains { $0.mayContainSelected(path) }
        }
    }

    private static func list(
        _ texts: [[UInt8]], files: [[UInt8]] = [], ignoringCase: Bool = false
    ) throws -> PatternList {
        var patterns: [PathPattern] = []
        do throws(PatternError) {
            for text in texts { patterns.append(try PathPattern(text)) }
        } catch { throw UsageError("\(error)") }
        for file in files.map({ Path($0) }) {
            let bytes: [UInt8]
            do throws(PosixError) { bytes = try SmallFile.read(file, limit: 64 << 20) } catch {
                throw CommandFailure(error, "cannot read the patterns")
            }
            do throws(PatternError) { patterns += try PatternFile.patterns(in: bytes) } catch {
                throw UsageError("\(file.printable): \(error)")
            }
        }
        return PatternList(patterns, ignoringCase: ignoringCase)
    }
}
