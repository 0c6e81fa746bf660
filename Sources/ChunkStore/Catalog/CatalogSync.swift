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
        var present: [PackName: Finding] = [:]
        do throws(StoreError) {
            for folder in scope.folders { try list(folder, into: &present) }
            try listCondemned(scope, into: &present)
        } catch { return .failure(error) }

        var gone: [Int64] = []
        var isLoss = false
        var moved: [Bool: [Int64]] = [:]
        for known in try connection.packs() where scope.folders.contains(known.name.folder) {
            let found = present[known.name] ?? whereabouts(of: known.name)
            guard let found, found.bytes == known.bytes else {
                gone.append(known.number)
                isLoss = isLoss || !known.isCondemned
                continue
            }
            present[known.name] = nil
            if found.isCondemned != known.isCondemned { moved[found.isCondemned, default: []].append(known.number) }
        }
        do throws(StoreError) { try makeDurable(present.filter { !$0.value.isCondemned }.keys) } catch {
            if forWriting { return .failure(error) }
        }
        try connection.remove(packs: gone)
        if let condemned = moved[true], !isLoss { isLoss = try lossIsTold(of: condemned, in: connection) }
        if isLoss { try connection.noteLoss() }
        for (areCondemned, numbers) in moved { try connection.note(packs: numbers, areCondemned: areCondemned) }

        var warnings: [StoreError] = []
        var inserted: [Int64] = []
        for (name, found) in present.sorted(by: { $0.key.id < $1.key.id }) {
            let directory: PackDirectory
            do throws(StoreError) { directory = try repository.pack(name).directory(packBytes: found.bytes) } catch {
                // A pack that vanished since it was listed was taken by a prune: its chunks live on in others.
                if error.code != .missing && !found.isCondemned { warnings.append(error) }
                continue
            }
            let number = try connection.insert(
                name, bytes: found.bytes, directory: directory, isCondemned: found.isCondemned)
            if let number { inserted.append(number) }
        }
        if !inserted.isEmpty || !gone.isEmpty || !moved.isEmpty {
            try connection.findBaseless(in: inserted, isLess: !gone.isEmpty || moved[true] != nil)
        }
        return .success(warnings)
    }

    /// Whether a record among the condemned packs says that what some of these held may be lost.
    private func lossIsTold(of numbers: [Int64], in connection: CatalogConnection) throws(SQLiteError) -> Bool {
        let gone = Set(numbers)
        let names = Set(try connection.packs().filter { gone.contains($0.number) }.map(\.name))
        let files = (try? repository.storage.list(PackName.condemnedRoot, recursive: false)) ?? []
        return files.contains { file in
            guard file.name.hasSuffix(CondemnedRecord.suffix),
                let bytes = try? repository.storage.read(file.name, limit: Limits.leaseClaimBytes),
                let record = CondemnedRecord(bytes)
            else { return false }
            return record.isLoss && !names.isDisjoint(with: record.packs)
        }
    }

    /// A pack as it lies in the repository.
    private struct Finding {
        let bytes: UInt64
        let isCondemned: Bool
    }

    /// Looks for one pack that neither listing shows: it may have come back from among the condemned ones between the two.
    private func whereabouts(of name: PackName) -> Finding? {
        if let bytes = try? repository.storage.size(of: name.condemnedPath) {
            return Finding(bytes: bytes, isCondemned: true)
        }
        return (try? repository.storage.size(of: name.path)).map { Finding(bytes: $0, isCondemned: false) }
    }

    /// A pack that others have published may have its name only in memory yet, and its publisher may be dead: a manifest must not
    /// build on what a power cut could still take.
    private func makeDurable(_ packs: some Sequence<PackName>) throws(StoreError) {
        for folder in Set(packs.map(\.folderPath)) {
            try storing { () throws(StorageError) in try repository.storage.synchronize(folder) }
        }
    }

    private func list(_ folder: PackName.PackFolder, into present: inout [PackName: Finding]) throws(StoreError) {
        let files = try storing { () throws(StorageError) in
            try repository.storage.list("\(PackName.root)/\(folder.letter)", recursive: true)
        }
        for file in files {
            if let name = PackName(path: file.name) { present[name] = Finding(bytes: file.size, isCondemned: false) }
        }
    }

    private func listCondemned(_ scope: Scope, into present: inout [PackName: Finding]) throws(StoreError) {
        let files = try storing { () throws(StorageError) in
            try repository.storage.list(PackName.condemnedRoot, recursive: false)
        }
        for file in files {
            guard let name = PackName(condemnedPath: file.name), scope.folders.contains(name.folder) else { continue }
            present[name] = Finding(bytes: file.size, isCondemned: true)
        }
    }
}
