import Posix

/// Files of one folder that are installed, updated and removed together.
struct Package {
    struct File {
        let name: String
        let bytes: Int
    }

    /// Below the root of all packages.
    let folder: Path
    let files: [File]

    var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    private static let filesMax = 100
    private static let fileBytesMax = 32 << 20

    /// What is in a folder, as packages: all files that can be read and have plain names. The folder is named below the root.
    static func all(in folder: Path, below root: Path) throws -> [Package] {
        let place = try FileDescriptor.open(root.appending(folder), [.read, .folder])
        var files: [File] = []
        var found: [Package] = []
        for entry in try place.sortedEntries() where isPlain(entry.name) {
            let name = Path(entry.name)
            let status = try place.status(of: name)
            if status.isFolder {
                // One that cannot be read has nothing for us.
                found += (try? all(in: folder.appending(name), below: root)) ?? []
            } else if status.isRegular, status.size <= fileBytesMax, (try? place.open(name, .read)) != nil {
                files.append(File(name: name.string, bytes: Int(status.size)))
            }
        }
        for start in stride(from: 0, to: files.count, by: filesMax) {
            found.append(Package(folder: folder, files: Array(files[start..<min(start + filesMax, files.count)])))
        }
        return found
    }

    /// Copies all files to another root.
    func copy(from root: Path, to target: Path) throws {
        try FileTree.makeFolders(target.appending(folder))
        for file in files {
            let path = folder.appending(file.name)
            try FileTree.write(
                SmallFile.read(root.appending(path), limit: Self.fileBytesMax), to: target.appending(path))
        }
    }

    /// The names that a script can hold without quoting.
    private static func isPlain(_ name: [UInt8]) -> Bool {
        name.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "+"):
                true
            default: false
            }
        }
    }
}
