import Glibc
public import Posix
public import TestSupport

extension TemporaryFolder {
    /// The path of a name in it, for arguments.
    public func name(_ name: String) -> String { path.appending(name).string }

    /// Writes a file, and makes the folders above it.
    public func write(_ bytes: [UInt8], to name: String) throws {
        try Folder.makeAll(path.appending(name).parent)
        try SmallFile.replace(path.appending(name), with: bytes)
    }

    /// A file's content.
    public func read(_ name: String) throws -> [UInt8] { try SmallFile.read(path.appending(name), limit: 1 << 30) }

    /// The names of all files below a folder in it, sorted; none if there is no such folder.
    public func files(below folder: String) throws(PosixError) -> [String] {
        var names: [String] = []
        do {
            for entry in try Folder.entries(of: path.appending(folder)) {
                let name = folder + "/" + String(decoding: entry.name, as: UTF8.self)
                if Int32(entry.kind) == Int32(DT_DIR) { names += try files(below: name) } else { names.append(name) }
            }
        } catch { if error.errno != .noSuchFile { throw error } }
        return names.sorted()
    }
}
