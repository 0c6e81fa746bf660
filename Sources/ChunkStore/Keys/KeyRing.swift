import Bytes
import Crypto
import Posix
import Storage

/// The files in `keys/`: each lets one password or key file open the repository.
struct KeyRing: Sendable {
    static let folder = "keys"

    let storage: any Storage
    let repository: RepositoryID

    /// One slot as it was read.
    struct Slot: Sendable {
        let id: [UInt8]
        let kind: KeySlot.Kind
        let clear: KeySlot.Clear
        let record: Record
        let isHalfDamaged: Bool

        /// What should be known of its file.
        func warning(in storage: any Storage) -> StoreError? {
            guard isHalfDamaged else { return nil }
            return .halfDamaged("the key", path: "\(storage.location)/\(KeyRing.folder)/\(Hex.encode(id))")
        }
    }

    /// The slots that can be read, and what hinders the others.
    static func slots(in storage: any Storage) throws(StoreError) -> (slots: [Slot], failures: [StoreError]) {
        var slots: [Slot] = []
        var failures: [StoreError] = []
        let files = try storing { () throws(StorageError) in try storage.list(folder, recursive: false) }
        for file in files.sorted(by: { $0.name < $1.name }) {
            guard let id = Hex.decode(file.lastComponent), id.count == 16 else { continue }
            do throws(StoreError) { slots.append(try slot(file.name, id: id, in: storage)) } catch {
                failures.append(error)
            }
        }
        return (slots, failures)
    }

    private static func slot(_ name: String, id: [UInt8], in storage: any Storage) throws(StoreError) -> Slot {
        let path = "\(storage.location)/\(name)"
        let file = try storing { () throws(StorageError) in try storage.read(name, limit: Limits.smallRecordFileBytes) }
        let finding = try Record.decode(.key, file, path: path)
        guard let kind = KeySlot.Kind(rawValue: finding.record.header.kind) else {
            throw .unsupported("key kind \(finding.record.header.kind)", path: path)
        }
        guard finding.record.header.envelope == .symmetric else {
            throw .damaged("the key", path: path, "it is not sealed")
        }
        let clear: KeySlot.Clear
        do throws(MalformedBytes) { clear = try KeySlot.Clear(finding.record.clear, kind: kind) } catch {
            throw .damaged("the key", path: path, error)
        }
        guard clear.id == id else { throw .damaged("the key", path: path, "it belongs under another name") }
        return Slot(id: id, kind: kind, clear: clear, record: finding.record, isHalfDamaged: finding.isHalfDamaged)
    }

    /// Tries credentials on slots; nil if none fits.
    static func open(_ slots: [Slot], with credentials: [Credential]) throws(StoreError) -> (Slot, KeySlot.Content)? {
        for credential in credentials {
            for slot in slots where slot.kind == credential.kind {
                let key = try credential.inputKey(salt: slot.record.header.salt, cost: slot.clear.scrypt)
                guard let bytes = try slot.record.content(repository: slot.clear.repository, inputKey: key) else {
                    continue
                }
                if let content = try? KeySlot.Content(bytes) { return (slot, content) }
            }
        }
        return nil
    }

    /// Seals the master key under one more credential.
    func add(
        _ credential: Credential, label: String, masterKey: Secret, config: [UInt8], temporaryName: String
    ) throws(StoreError) -> [UInt8] {
        let header = try Header(.key, envelope: .symmetric, kind: credential.kind.rawValue)
        let id = try encrypting { () throws(CryptoError) in try RandomBytes.bytes(16) }
        let cost: KeySlot.ScryptCost? = credential.kind == .password ? .standard : nil
        let clear = KeySlot.Clear(repository: repository, id: id, made: Machine.seconds, scrypt: cost)
        let content = KeySlot.Content(masterKey: masterKey, label: label, config: config)
        let record = try Record(
            header, clear: clear.encoded, content: content.encoded, repository: repository,
            inputKey: credential.inputKey(salt: header.salt, cost: cost))
        let name = Hex.encode(id)
        try storing { () throws(StorageError) in
            try storage.write(record.encoded, as: "\(Self.folder)/\(name)", temporaryName: temporaryName)
        }
        return id
    }

    /// Takes a slot away.
    func remove(_ id: [UInt8]) throws(StoreError) {
        try storing { () throws(StorageError) in
            try storage.remove("\(Self.folder)/\(Hex.encode(id))")
            try storage.synchronize(Self.folder)
        }
    }
}
