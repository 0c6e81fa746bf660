internal import Cairn
internal import CommandLine
internal import Posix

// The lines above the table of snapshots that belong together.

extension SnapshotSource {
    /// Machine and paths: one line where there is one path.
    var heading: [String] { headingLines(host: host, paths: paths, tags: nil) }

    /// The same in one line.
    var line: String {
        "\(PrintableText.escape(host)): \(paths.map(\.printable).joined(separator: ", "))"
    }
}

extension RetentionGroup.Key {
    /// What the group has in common; no lines where that is nothing.
    var heading: [String] { headingLines(host: host, paths: paths, tags: tags) }
}

private func headingLines(host: String?, paths: [Path]?, tags: [String]?) -> [String] {
    var opening = host.map { "\(PrintableText.escape($0)):" } ?? ""
    var lines = (paths ?? []).map { "  \($0.printable)" }
    if lines.count == 1 {
        opening += lines[0].dropFirst(opening.isEmpty ? 2 : 1)
        lines = []
    }
    if let tags {
        let text = tags.isEmpty ? "without tags" : "tags: \(PrintableText.escape(tags.joined(separator: ", ")))"
        opening += (opening.isEmpty ? "" : " ") + text
    }
    return (opening.isEmpty ? [] : [opening]) + lines
}
