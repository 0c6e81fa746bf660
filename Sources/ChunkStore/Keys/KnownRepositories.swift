import Posix
import Storage

/// What this client remembers of repositories that it has met: above all whether they are encrypted, so that nobody can
/// put a plain one in an encrypted one's place.
struct KnownRepositories {
    private let folder: Path?

    init(_ cacheFolder: Path?) { folder = cacheFolder?.appending("known") }

    /// Compares the repository with the memory of it, and remembers it if there is none. A cache that cannot be written only
    /// costs the memory.
    func confirm(_ repository: Repository) throws(StoreError) {
        guard let folder else { return }
        let file = folder.appending(repository.id.description)
        if let known = try? SmallFile.read(file, limit: 256) {
            let mode = String(decoding: known.prefix { $0 > 0x20 }, as: UTF8.self)
            // What no program wrote is no memory: the cache may be damaged.
            guard EncryptionMode.names.contains(mode) else { return remember(repository, file) }
            guard mode == repository.mode.name else {
                throw StoreError(
                    .damaged,
                    "this repository was \"\(mode)\" when it was last used here, and now says \"\(repository.mode.name)\"",
                    path: repository.configPath,
                    remedy: "somebody may have replaced it; if you did so yourself, delete \(file)")
            }
            return
        }
        remember(repository, file)
    }

    private func remember(_ repository: Repository, _ file: Path) {
        do throws(PosixError) {
            try Folder.makeAll(file.parent)
            try SmallFile.replace(file, with: Array("\(repository.mode.name)\n".utf8))
        } catch { return }
    }
}
