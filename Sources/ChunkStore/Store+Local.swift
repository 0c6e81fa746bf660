public import Posix
internal import Storage

extension Store {
    /// Makes a repository in a folder of this machine, and opens it. The folder, and those above it, are made where they are not there; it must be
    /// empty. Encrypted repositories need at least one credential, others none. With `like`, chunks are cut as in that repository, so that the two
    /// can share them when they are copied.
    public static func create(
        at folder: Path, encryption: EncryptionMode, credentials: [Credential], label: String = "",
        like other: Store? = nil, options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        let storage = try storing { () throws(StorageError) in
            try LocalDirectory.makeFolder(folder)
            return try LocalDirectory(folder)
        }
        return try create(
            in: storage, encryption: encryption, credentials: credentials, label: label, like: other, options: options)
    }

    /// Opens the repository in a folder of this machine with the first credential that fits. Throws `.noRepository` where there is none.
    public static func open(
        at folder: Path, credentials: [Credential] = [], options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        let storage: LocalDirectory
        do throws(StorageError) { storage = try LocalDirectory(folder) } catch {
            guard error.code == .notFound else { throw StoreError(error) }
            throw StoreError(
                .noRepository, "there is no repository here", path: folder.plain,
                remedy: "make one, or give the folder of another")
        }
        return try open(storage, credentials: credentials, options: options)
    }

    /// Whether a folder is that of a repository, as far as can be told without opening it.
    public static func isThere(at folder: Path) -> Bool {
        guard
            let config = try? SmallFile.read(
                folder.appending(Repository.configName), limit: Limits.smallRecordFileBytes)
        else { return false }
        return config.starts(with: Header.Family.config.rawValue.utf8)
    }
}
