import Posix
import Storage
import TestSupport
import Testing

/// Every kind of storage must pass these tests.
enum StorageKind: String, CaseIterable, CustomTestStringConvertible {
    case memory
    case folder

    var testDescription: String { rawValue }

    /// An empty storage of this kind; the folder goes with the last reference.
    func make() throws -> (storage: any Storage, folder: TemporaryFolder?) {
        switch self {
        case .memory: return (MemoryStorage(), nil)
        case .folder:
            let folder = try TemporaryFolder()
            return (try LocalDirectory(folder.path), folder)
        }
    }
}

/// Runs the body with an empty storage, whose folder stays until the body is done.
func withStorage(_ kind: StorageKind, _ body: (any Storage) throws -> Void) throws {
    let (storage, folder) = try kind.make()
    try withExtendedLifetime(folder) { try body(storage) }
}

/// The code of the error that a storage's call throws; nil if it throws none.
func code(_ body: () throws(StorageError) -> Void) -> StorageError.Code? {
    do throws(StorageError) {
        try body()
        return nil
    } catch { return error.code }
}

extension Storage {
    /// Writes a small file.
    func put(_ name: String, _ text: String) throws(StorageError) {
        try write(Array(text.utf8), as: name, temporaryName: "tmp/\(name.split(separator: "/").joined(separator: "-"))")
    }

    /// A file's text.
    func text(_ name: String) throws(StorageError) -> String {
        String(decoding: try read(name, limit: 1 << 20), as: UTF8.self)
    }

    /// The names that a listing shows, sorted.
    func names(_ folder: String, recursive: Bool) throws(StorageError) -> [String] {
        try list(folder, recursive: recursive).map(\.name).sorted()
    }
}
