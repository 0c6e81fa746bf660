import Posix
import Storage
import TestSupport

extension TemporaryFolder {
    /// A storage in a folder below this one, which is made where missing.
    func storage(_ name: String = "repository") throws -> LocalDirectory {
        try Folder.makeAll(path.appending(name))
        return try LocalDirectory(path.appending(name))
    }

    /// The paths of all files below a folder, relative to it, sorted.
    static func files(below folder: Path) throws -> [String] {
        var found: [String] = []
        for entry in try Folder.entries(of: folder) {
            let name = String(decoding: entry.name, as: UTF8.self)
            if try Folder.status(folder.appending(name)).isFolder {
                found += try files(below: folder.appending(name)).map { "\(name)/\($0)" }
            } else {
                found.append(name)
            }
        }
        return found.sorted()
    }

    /// Copies a folder's files into another one.
    static func copyAll(_ source: Path, to target: Path) throws {
        for name in try files(below: source) {
            try Folder.makeAll(target.appending(name).parent)
            try SmallFile.writeNew(target.appending(name), try SmallFile.read(source.appending(name), limit: 1 << 30))
        }
    }
}
