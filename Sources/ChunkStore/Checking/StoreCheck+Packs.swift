internal import Crypto
internal import Posix
internal import SQLite
internal import Storage

// Header, directory and trailer of every pack, and the catalog against them.
extension StoreCheck {
    private static let packRemedy =
        "chunks of it may stand elsewhere or be saved again; \"cairn repair\" brings lost ones back from a copy of the repository"

    /// Looks at every pack's directory, and whether the catalog says the same. A catalog that does not is made anew from the packs.
    public func structure(onPack: (Packs) -> Void = { _ in }) throws(StoreError) -> Packs {
        let catalog = try store.catalog()
        try catalog.synchronize(.all)
        var packs = Packs()
        var sums: [PackName: RowSum] = [:]
        for (name, bytes) in try repository.packs(onForeign: tellForeign) {
            try check()
            do throws(StoreError) {
                sums[name] = RowSum(try repository.pack(name).directory(packBytes: bytes))
            } catch { try report(error, of: name) }
            packs.count += 1
            packs.bytes += bytes
            onPack(packs)
        }
        // What differs may be what others store or remove meanwhile. Packs never change, so their sums still hold after a new synchronisation.
        guard try differs(catalog, from: sums) else { return packs }
        try catalog.synchronize(.all)
        guard try differs(catalog, from: sums) else { return packs }
        try catalog.makeAnew()
        onFinding(
            StoreFinding(
                .catalog, .healed, "the catalog did not agree with the packs; it was made anew from them",
                path: catalog.path.string))
        return packs
    }

    private func tellForeign(_ file: StoredFile) {
        onFinding(
            StoreFinding(.foreign, .note, "a file that is no pack by its name", path: "\(store.location)/\(file.name)"))
    }

    /// Tells that a pack cannot be read as a whole, once, unless it is not there any more.
    func report(_ error: StoreError, of name: PackName) throws(StoreError) {
        guard error.isAboutStored else { throw error }
        if error.code == .missing, !repository.isThere(name.path) { return }
        guard unreadable.insert(name).inserted else { return }
        onFinding(
            StoreFinding(
                .pack, .damage, error.message, path: repository.pack(name).path,
                remedy: error.remedy ?? Self.packRemedy, pack: name))
    }

    /// Whether the catalog's rows are others than those that the directories ask for. Packs that are not there any more do not count.
    private func differs(_ catalog: Catalog, from sums: [PackName: RowSum]) throws(StoreError) -> Bool {
        let (packs, rows) = try catalog.read { (connection) throws(SQLiteError) in
            (try connection.packs(), try connection.rowSums())
        }
        // More sums than packs: there are rows of packs that the catalog does not know itself.
        guard rows.count == packs.count else { return true }
        for pack in packs {
            guard let expected = sums[pack.name] ?? sum(of: pack.name, bytes: pack.bytes) else { continue }
            if rows[pack.number] != expected { return true }
        }
        let known = Set(packs.map(\.name))
        return sums.keys.contains { !known.contains($0) && repository.isThere($0.path) }
    }

    /// Of a pack that has come since the packs were listed. Nil where its directory cannot be read: of such a one nothing can be said.
    private func sum(of name: PackName, bytes: UInt64) -> RowSum? {
        guard !unreadable.contains(name) else { return nil }
        return (try? repository.pack(name).directory(packBytes: bytes)).map { RowSum($0) }
    }
}
