internal import Bytes
internal import Crypto
internal import Storage

// Config, keys and manifests: each carries everything twice, so that one good copy is enough to write the file anew.
extension StoreRepair {
    /// What the manifests hold.
    public struct Records: Sendable {
        /// The roots that stand and can be read.
        public var roots: [Root] = []
        /// The forgotten ones that can be read.
        public var forgotten: [Root] = []
        /// Manifests that stand and cannot be read: nobody can tell what they need.
        public var unreadable = 0

        /// The files of all that can be read.
        var ids: Set<String> { Set(roots.map(\.id) + forgotten.map(\.id)) }
    }

    /// Mends the records.
    public func records() throws(StoreError) -> Records {
        try mendConfig()
        try mendKeys()
        var records = Records()
        for id in try Roots(repository).ids().sorted() {
            try check()
            switch try mendManifest("\(Roots.folder)/\(id)", id: id, forgotten: nil) {
            case .root(let root): records.roots.append(root)
            case .unreadable: records.unreadable += 1
            case .gone: break
            }
        }
        for name in try ForgottenRoots(repository).names() {
            try check()
            if case .root(let root) = try mendManifest(name.path, id: name.id, forgotten: name.forgotten) {
                records.forgotten.append(root)
            }
        }
        records.roots.sort { ($0.written, $0.id) < ($1.written, $1.id) }
        return records
    }

    // MARK: Config and keys

    private func mendConfig() throws(StoreError) {
        let path = repository.configPath
        let good = try Record(.config, copy: repository.config, path: path)
        let file: [UInt8]
        do throws(StoreError) { file = try read(Repository.configName, limit: Limits.smallRecordFileBytes) } catch {
            guard [.missing, .damaged].contains(error.code) else { throw error }
            return try write(good, as: Repository.configName, of: .config, "the config was lost; a key had a copy")
        }
        let found = RecordCopies(.config, file, path: path)
        if found.isWhole(good) { return }
        guard found.all.allSatisfy({ $0.encodedOnce == repository.config }) else {
            return tell(
                .config, .damage, "the two copies of the config differ, and both can be read", path,
                "somebody changed it: bring the true one back from a copy of the repository")
        }
        let message =
            found.all.isEmpty
            ? "both copies of the config were damaged; a key had another" : "one of the config's two copies was damaged"
        try write(good, as: Repository.configName, of: .config, message)
    }

    private func mendKeys() throws(StoreError) {
        let (slots, failures) = try KeyRing.slots(in: repository.storage)
        for failure in failures where failure.code != .missing {
            tell(
                .key, .damage, failure.message, failure.path ?? store.location,
                "if another key opens the repository, remove this one and add a new one with \"cairn key\"")
        }
        for slot in slots where slot.clear.repository == repository.id {
            let name = "\(KeyRing.folder)/\(Hex.encode(slot.id))"
            let path = "\(store.location)/\(name)"
            guard let file = try? read(name, limit: Limits.smallRecordFileBytes) else { continue }
            let found = RecordCopies(.key, file, path: path)
            if found.isWhole(slot.record) { continue }
            guard found.all.allSatisfy({ $0.encodedOnce == slot.record.encodedOnce }) else {
                tell(
                    .key, .damage, "the two copies of the key differ, and both can be read", path,
                    "remove it with \"cairn key remove\", and add a new one")
                continue
            }
            try write(slot.record, as: name, of: .key, "one of the key's two copies was damaged")
        }
    }

    // MARK: Manifests

    private enum Manifest {
        case root(Root)
        case unreadable
        case gone
    }

    private func mendManifest(_ name: String, id: String, forgotten: Int64?) throws(StoreError) -> Manifest {
        let path = "\(store.location)/\(name)"
        do throws(StoreError) {
            let file = try read(name, limit: Limits.recordFileBytes)
            let found = RecordCopies(.manifest, file, path: path)
            let good = found.all.first { SHA256.digest($0.encoded).hex == id }
            let root = try Roots(repository).decode(good?.encoded ?? file, id: id, path: path).root
            if good == nil, let named = try mendName(name, file, found, forgotten: forgotten) { return .root(named) }
            if let good {
                if file != good.encoded {
                    try write(good, as: name, of: .manifest, "one of the manifest's two copies was damaged")
                }
            } else {
                tell(
                    .manifest, .damage, "the manifest can be read, and its name is not its SHA-256", path,
                    "a file of its true name is there, or it is half damaged too: bring the file of this name back from a copy of the repository"
                )
            }
            return .root(root)
        } catch {
            // One that vanished since it was listed was forgotten, brought back or pruned.
            if error.code == .missing { return .gone }
            guard error.isAboutStored else { throw error }
            if let forgotten, try dropSuperfluous(ForgottenRoots.Name(forgotten: forgotten, id: id)) {
                let done = isRehearsal ? "would be" : "was"
                tell(
                    .manifest, .healed, "\(error.message); the manifest itself stands, so this file \(done) removed",
                    path)
                return .gone
            }
            tell(
                .manifest, .damage, error.message, path,
                forgotten != nil
                    ? "it was forgotten: \"cairn prune --now\" takes it away, or any prune after its time of grace"
                    : Roots.remedy
            )
            return .unreadable
        }
    }

    /// Removes a file of a root that stands as well and proves its name there; false where it does not.
    private func dropSuperfluous(_ name: ForgottenRoots.Name) throws(StoreError) -> Bool {
        let forgotten = ForgottenRoots(repository)
        guard forgotten.isWhole(name.id, at: "\(Roots.folder)/\(name.id)") else { return false }
        if isRehearsal { return true }
        try forgotten.drop([name])
        try storing { () throws(StorageError) in try repository.storage.synchronize(ForgottenRoots.folder) }
        return true
    }

    /// Gives a manifest whose bytes are whole the name that they prove, where that is free: nothing else would know it by the one it has.
    private func mendName(
        _ name: String, _ file: [UInt8], _ found: RecordCopies, forgotten: Int64?
    ) throws(StoreError) -> Root? {
        guard let record = found.all.first, found.isWhole(record) else { return nil }
        let id = SHA256.digest(file).hex
        let place = forgotten.map { ForgottenRoots.Name(forgotten: $0, id: id).path } ?? "\(Roots.folder)/\(id)"
        let (old, new) = ("\(store.location)/\(name)", "\(store.location)/\(place)")
        let root = try Roots(repository).decode(file, id: id, path: old).root
        if isRehearsal {
            if repository.isThere(place) { return nil }
            tell(.manifest, .healed, "the manifest's name is not its SHA-256; it would be renamed to \(id)", old)
            return root
        }
        do throws(StorageError) {
            try repository.storage.rename(name, to: place)
            try repository.storage.synchronize(forgotten == nil ? Roots.folder : ForgottenRoots.folder)
        } catch {
            if error.code == .exists { return nil }
            throw StoreError(error)
        }
        tell(.manifest, .healed, "the manifest's name was not its SHA-256; it was renamed from \(name)", new)
        return root
    }

    // MARK: Files

    private func read(_ name: String, limit: Int) throws(StoreError) -> [UInt8] {
        try storing { () throws(StorageError) in try repository.storage.read(name, limit: limit) }
    }

    /// Writes a record anew, in place of what has its name, and reads it back.
    private func write(
        _ record: Record, as name: String, of kind: StoreFinding.Kind, _ message: String
    ) throws(StoreError) {
        let path = "\(store.location)/\(name)"
        guard let lease else {
            return tell(kind, .healed, "\(message); the file would be written anew", path)
        }
        // A key or manifest that was taken away meanwhile must not come back.
        let isOptional = name != Repository.configName
        if isOptional, try storing({ () throws(StorageError) in try !repository.storage.exists(name) }) { return }
        try storing { () throws(StorageError) in
            try repository.storage.replace(record.encoded, as: name, temporaryName: lease.temporaryName())
        }
        guard try read(name, limit: Limits.recordFileBytes) == record.encoded else {
            return tell(
                kind, .damage, "\(message); the file was written anew, and still does not read as it should", path,
                "look after the disk")
        }
        tell(kind, .healed, "\(message); the file was written anew", path)
    }

    func tell(
        _ kind: StoreFinding.Kind, _ weight: StoreFinding.Weight, _ message: String, _ path: String,
        _ remedy: String? = nil, pack: PackName? = nil, copies: [RootReference] = []
    ) {
        onFinding(StoreFinding(kind, weight, message, path: path, remedy: remedy, pack: pack, copies: copies))
    }
}

/// The copies of a record in a file that prove themselves by their checksums.
private struct RecordCopies {
    private let file: [UInt8]
    let all: [Record]

    init(_ family: Header.Family, _ file: [UInt8], path: String) {
        self.file = file
        let half = file.count / 2
        var copies = [try? Record(family, copy: file, path: path)]
        if half > 0, half.isMultiple(of: Record.sectorBytes) {
            copies.append(try? Record(family, copy: Array(file[half...]), path: path))
        }
        all = copies.compactMap { $0 }
    }

    /// Whether the file is what the record makes.
    func isWhole(_ record: Record) -> Bool { file == record.encoded }
}
