import Posix

/// Folders as a whole.
enum FileTree {
    /// Removes a folder with all that is in it, whatever its modes; it may be missing.
    static func remove(_ folder: Path) throws {
        _ = try Child.run([Command.found("rm").first?.string ?? "/bin/rm", "-rf", folder.string])
    }

    /// Takes a folder out of the way and gives back its space, but not its names: ext4 is slow to make files for minutes after many were removed,
    /// and the next program would pay for that. What is left goes with the scratch folder.
    static func retire(_ folder: Path) throws {
        guard (try? Folder.status(folder)) != nil else { return }
        try empty(folder)
        try Folder.rename(
            folder, to: Path(Array(folder.parent.parent.bytes) + Array("/retired-\(Machine.monotonicNanoseconds)".utf8))
        )
    }

    /// Cuts all regular files below a folder to nothing.
    private static func empty(_ folder: Path) throws {
        let place = try FileDescriptor.open(folder, [.read, .folder])
        for entry in try place.sortedEntries() {
            let name = Path(entry.name)
            let status = try place.status(of: name)
            if status.isFolder {
                try empty(folder.appending(name))
            } else if status.isRegular, status.size > 0 {
                try place.open(name, .write).truncate(to: 0)
            }
        }
    }

    /// Makes a folder and those above it; they need not last.
    static func makeFolders(_ path: Path) throws {
        if (try? Folder.status(path)) != nil { return }
        try makeFolders(path.parent)
        try Folder.make(path, mode: 0o755)
    }

    /// Gives a file this content and no other; it need not last.
    static func write(_ bytes: [UInt8], to path: Path) throws {
        let file = try FileDescriptor.open(path, [.write, .create, .truncate])
        try bytes.withUnsafeBytes { try file.write(all: $0) }
    }

    /// The sizes of all regular files below a folder.
    static func sizes(below folder: Path) throws -> [Int] {
        var sizes: [Int] = []
        let place = try FileDescriptor.open(folder, [.read, .folder])
        for entry in try place.sortedEntries() {
            let status = try place.status(of: Path(entry.name))
            if status.isFolder {
                sizes += try self.sizes(below: folder.appending(Path(entry.name)))
            } else if status.isRegular {
                sizes.append(Int(status.size))
            }
        }
        return sizes
    }
}
