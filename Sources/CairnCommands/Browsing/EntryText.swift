internal import Cairn
internal import CommandLine
internal import Posix

/// One entry of a snapshot as a line for people.
struct EntryText {
    /// Sizes with units instead of bytes.
    var isHumanReadable = false
    private let zone = LocalTime.machine

    /// Permissions, owners, size, local time, path, and where a link leads.
    func long(_ path: Path, _ entry: TreeEntry) -> String {
        let user = owner(entry.userName, entry.userID)
        let group = owner(entry.groupName, entry.groupID)
        let time = SnapshotTime(entry.modified)
        var line = "\(entry.permissions)  \(left(user, 8))  \(left(group, 8))  \(right(size(of: entry), 12))  "
        line += "\(time.on(zone).local)  \(path.printable)"
        if case .symbolicLink(let target) = entry.node { line += " -> \(PrintableText.escape(target))" }
        return line
    }

    private func owner(_ name: [UInt8], _ id: UInt32) -> String { name.isEmpty ? "\(id)" : PrintableText.escape(name) }

    private func size(of entry: TreeEntry) -> String {
        switch entry.node {
        case .file(let size, _, _, _): isHumanReadable ? Quantity.bytes(Int(clamping: size)) : "\(size)"
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor): "\(major),\(minor)"
        default: isHumanReadable ? "0 B" : "0"
        }
    }

    private func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - DisplayWidth.of(text)))
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - DisplayWidth.of(text))) + text
    }
}
