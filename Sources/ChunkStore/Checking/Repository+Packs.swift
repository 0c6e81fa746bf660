internal import Storage

extension Repository {
    /// The packs that lie there now, in the order of their names. `onForeign` gets the files among them that are none.
    func packs(onForeign: (StoredFile) -> Void = { _ in }) throws(StoreError) -> [(name: PackName, bytes: UInt64)] {
        let files = try storing { () throws(StorageError) in try storage.list(PackName.root, recursive: true) }
        var packs: [(name: PackName, bytes: UInt64)] = []
        for file in files {
            if let name = PackName(path: file.name) { packs.append((name, file.size)) } else { onForeign(file) }
        }
        return packs.sorted { $0.name.id < $1.name.id }
    }

    /// Whether a file is there; where that cannot be told, it is.
    func isThere(_ name: String) -> Bool { (try? storage.exists(name)) ?? true }
}
