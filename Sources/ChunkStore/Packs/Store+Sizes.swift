internal import Storage

extension Store {
    /// The bytes of all packs: what the chunks take on disk.
    public func storedBytes() throws(StoreError) -> UInt64 {
        var sum: UInt64 = 0
        for folder in [PackName.PackFolder.data, .trees] {
            let files = try storing { () throws(StorageError) in
                try repository.storage.list("\(PackName.root)/\(folder.letter)", recursive: true)
            }
            for file in files where PackName(path: file.name) != nil { sum += file.size }
        }
        return sum
    }
}
