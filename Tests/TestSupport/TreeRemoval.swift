internal import Glibc
public import Posix

/// Removes trees that withstand simpler means: deeper than a path may be, with folders that deny everything, with immutable files.
public enum TreeRemoval {
    /// Removes a folder and all below it, as far as that can be done. Follows no links.
    public static func removeAll(_ path: Path) {
        // A list and no recursion, as a tree may have thousands of levels: a folder comes twice, to be emptied and to be removed.
        var left = [(node: FolderNode(path: path, pool: FolderPool(limit: 32)), isEmptied: false)]
        while let (node, isEmptied) = left.last {
            if isEmptied {
                left.removeLast()
                node.close()
                if let parent = node.parent { try? parent.opened().descriptor.removeFolder(node.name) }
            } else {
                left[left.count - 1].isEmptied = true
                for folder in empty(node) { left.append((folder, false)) }
            }
        }
        try? Folder.removeEmpty(path)
    }

    /// Removes what is no folder; the folders that are left.
    private static func empty(_ node: FolderNode) -> [FolderNode] {
        // Whoever is not root needs the right to read, write and enter first.
        if let parent = node.parent { try? parent.opened().descriptor.setMode(of: node.name, 0o700) }
        guard let folder = try? node.opened() else { return [] }
        var folders: [FolderNode] = []
        for entry in (try? folder.descriptor.sortedEntries()) ?? [] {
            let name = Path(entry.name)
            do throws(PosixError) { try folder.descriptor.remove(name) } catch {
                guard let status = try? folder.descriptor.status(of: name) else { continue }
                if status.isFolder {
                    folders.append(node.child(name))
                } else if setImmutable(name, in: folder.descriptor, false) {
                    try? folder.descriptor.remove(name)
                }
            }
        }
        return folders
    }

    /// Makes a file immutable, or changeable again; false where that cannot be done.
    static func setImmutable(_ name: Path, in folder: borrowing FileDescriptor, _ isImmutable: Bool) -> Bool {
        guard let file = try? folder.open(name, [.read, .nonBlocking]) else { return false }
        // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_IMMUTABLE_FL, which are not imported.
        var flags: Int32 = 0
        guard ioctl(file.rawValue, 0x8008_6601, &flags) == 0 else { return false }
        flags = isImmutable ? flags | 0x10 : flags & ~0x10
        return ioctl(file.rawValue, 0x4008_6602, &flags) == 0
    }
}
