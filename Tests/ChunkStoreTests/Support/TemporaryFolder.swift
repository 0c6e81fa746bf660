import Glibc
import Posix
import Storage

/// A folder of a test's own, gone with all that is in it when the last reference goes.
final class TemporaryFolder: Sendable {
    let path: Path

    init() throws {
        var template = Array("\(Machine.temporaryFolder)/chunk-store-tests-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw PosixError(call: "mkdtemp", path: nil, errno: .current)
        }
        path = Path(String(cString: made))
    }

    deinit { try? Self.removeAll(path) }

    /// A storage in a folder below this one, which is made where missing.
    func storage(_ name: String = "repository", interceptor: LocalDirectory.Interceptor? = nil) throws -> LocalDirectory
    {
        try Folder.makeAll(path.appending(name))
        return try LocalDirectory(path.appending(name), interceptor: interceptor)
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

    static func removeAll(_ folder: Path) throws {
        for entry in try Folder.entries(of: folder) {
            let path = folder.appending(Path(entry.name))
            if try Folder.status(path).isFolder { try removeAll(path) } else { try Folder.remove(path) }
        }
        try Folder.removeEmpty(folder)
    }
}
