internal import Crypto
public import Posix

extension TreeFacts {
    /// A line for the folder and for each entry below it, in an order of their own: equal trees have equal lists. For comparing with a tree that
    /// is not there any more; kinds, modes, owners, times, contents and targets, and neither attributes nor hard links. Memory grows with the tree.
    public static func list(_ root: Path) throws(PosixError) -> [String] {
        let top = FolderNode(path: root)
        var lines = [line(".", try top.opened().descriptor.status(), "")]
        var rest = [(node: top, path: Path(""))]
        while let (node, path) = rest.popLast() {
            let folder = try node.opened()
            for entry in try folder.descriptor.sortedEntries() {
                let name = Path(entry.name)
                let status = try folder.descriptor.status(of: name)
                var content = ""
                if status.isFolder { rest.append((node.child(name), path.appending(name))) }
                if status.kind == .link { content = "\(Path(try folder.descriptor.linkTarget(of: name)))" }
                if status.isRegular {
                    content = "\(status.size) \(try digest(folder.descriptor.open(name, [.read, .nonBlocking])))"
                }
                lines.append(line("\(path.appending(name))", status, content))
            }
        }
        return lines.sorted()
    }

    private static func line(_ name: String, _ status: FileStatus, _ content: String) -> String {
        let mode = String(status.mode, radix: 8)
        return "\(name) \(mode) \(status.userID):\(status.groupID) \(status.modified) \(content)"
    }
}
