import SQLite
import Storage

/// Brings the catalog's rows in line with the packs that lie in the repository now: new ones are read, vanished ones dropped.
/// It runs inside the write transaction, so that what it saw is what stands.
struct CatalogSync {
    /// Which packs matter.
    enum Scope: Sendable {
        /// Those that hold trees: enough for whoever only looks at names.
        case trees
        /// All.
        case all

        var folders: [PackName.PackFolder] { self == .trees ? [.trees] : [.data, .trees] }
    }

    let repository: Repository

    init(_ repository: Repository) { self.repository = repository }

    /// Runs within a transaction. Packs that cannot be read are left out and reported; a repository that cannot be listed is a
    /// failure, and then nothing changed. So is, for whoever is going to build on them, that packs' names cannot be made durable.
    func run(
        in connection: CatalogConnection, _ scope: Scope, forWriting: Bool
    ) throws(SQLiteError) -> Result<[StoreError], StoreError> {
        var present: [PackName: UInt64] = [:]
        do throws(StoreError) {
            for folder in scope.folders { try list(folder, into: &present) }
        } catch { return .failure(error) }

        var gone: [Int64] = []
        for known in try connection.packs() where scope.folders.contains(known.name.folder) {
            if present[known.name] == known.bytes { present[known.name] = nil } else { gone.append(known.number) }
        }
        do throws(StoreError) { try makeDurable(present.keys) } catch {
            if forWriting { return .failure(error) }
        }
        try connection.remove(packs: gone)
        if !gone.isEmpty { try connection.noteLoss() }

        var warnings: [StoreError] = []
        for (name, bytes) in present.sorted(by: { $0.key.id < $1.key.id }) {
            let directory: PackDirectory
            do throws(StoreError) { directory = try repository.pack(name).directory(packBytes: bytes) } catch {
                // A pack that vanished since it was listed was taken by a prune: its chunks live on in others.
                if error.code != .missing { warnings.append(error) }
                continue
            }
            try connection.insert(name, bytes: bytes, directory: directory)
        }
        return .success(warnings)
    }

    /// A pack that others have published may have its name only in memory yet, and its publisher may be dead: a manifest must not
    /// build on what a power cut could still take.
    private func makeDurable(_ packs: some Sequence<PackName>) throws(StoreError) {
        for folder in Set(packs.map(\.folderPath)) {
            try storing { () throws(StorageError) in try repository.storage.synchronize(folder) }
        }
    }

    private func list(_ folder: PackName.PackFolder, into present: inout [PackName: UInt64]) throws(StoreError) {
        let files = try storing { () throws(StorageError) in
            try repository.storage.list("\(PackName.root)/\(folder.letter)", recursive: true)
        }
        for file in files {
            if let name = PackName(path: file.name) { present[name] = file.size }
        }
    }
}
