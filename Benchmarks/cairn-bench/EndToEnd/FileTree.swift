import Posix

/// Folders as a whole.
enum FileTree {
    /// Removes a folder with all that is in it, whatever its modes; it may be missing.
    static func remove(_ folder: Path) throws {
        _ = try Child.run([Command.found("rm").first?.string ?? "/bin/rm", "-rf", folder.string])
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
