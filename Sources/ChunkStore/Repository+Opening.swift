import Bytes
import Crypto
import Storage

extension Repository {
    /// What was found on the way, though the repository opened.
    typealias Opened = (repository: Repository, warnings: [StoreError])

    /// Opens the repository in a storage. A config that is lost is taken from a key and, where it may be `mended`, written anew.
    static func open(
        _ storage: any Storage, credentials: [Credential], mended: Bool = true
    ) throws(StoreError) -> Opened {
        let config: Record.Finding
        do throws(StoreError) { config = try readConfig(storage) } catch {
            guard error.code == .missing || error.code == .damaged else { throw error }
            return try recover(storage, credentials: credentials, mended: mended, because: error)
        }
        let path = "\(storage.location)/\(configName)"
        var warnings: [StoreError] = []
        if config.isHalfDamaged {
            warnings.append(.halfDamaged("the config", path: path))
        }
        let clear = try ConfigClear(config.record.clear, path: path)
        guard config.record.header.envelope == clear.mode.envelope else {
            throw .damaged("the config", path: path, "it is not sealed as it says")
        }
        let (slots, failures) = try KeyRing.slots(in: storage)
        let own = slots.filter { $0.clear.repository == clear.id }
        warnings += own.compactMap { $0.warning(in: storage) } + failures
        if clear.mode == .none {
            guard slots.isEmpty && failures.isEmpty else {
                throw StoreError(
                    .damaged,
                    "the config says that nothing is encrypted, and yet there are keys: somebody may have replaced it",
                    path: path, remedy: "bring the true config back from a copy")
            }
            return (try complete(storage, config.record, clear, masterKey: nil, path: path), warnings)
        }
        let masterKey = try unlock(own, failures: failures, credentials: credentials, storage: storage).masterKey
        return (try complete(storage, config.record, clear, masterKey: masterKey, path: path), warnings)
    }

    private static func readConfig(_ storage: any Storage) throws(StoreError) -> Record.Finding {
        let file = try storing { () throws(StorageError) in
            try storage.read(configName, limit: Limits.smallRecordFileBytes)
        }
        return try Record.decode(.config, file, path: "\(storage.location)/\(configName)")
    }

    private static func complete(
        _ storage: any Storage, _ record: Record, _ clear: ConfigClear, masterKey: Secret?, path: String
    ) throws(StoreError) -> Repository {
        guard let bytes = try record.content(repository: clear.id, inputKey: masterKey) else {
            throw .damaged("the config", path: path, "its sealed part does not fit this repository's key")
        }
        let content = try ConfigContent(bytes, expected: clear.mode, path: path)
        return try Repository(
            storage: storage, clear: clear, content: content, masterKey: masterKey, config: record.encodedOnce)
    }

    private static func unlock(
        _ slots: [KeyRing.Slot], failures: [StoreError], credentials: [Credential], storage: any Storage
    ) throws(StoreError) -> KeySlot.Content {
        let path = "\(storage.location)/\(KeyRing.folder)"
        if slots.isEmpty {
            throw failures.first
                ?? StoreError(
                    .missing, "the repository is encrypted and has no key files", path: path,
                    remedy: "bring the folder back from a copy: without it nothing can be read")
        }
        if let (_, content) = try KeyRing.open(slots, with: credentials) { return content }
        if credentials.isEmpty {
            throw StoreError(
                .wrongKey, "the repository is encrypted: a password or key file is needed", path: storage.location,
                remedy: "name a password file, a password command or a key file")
        }
        let damage =
            switch failures.count {
            case 0: ""
            case 1: "; 1 file in \(path) is damaged: bring it back from a copy if it held that key"
            case let count: "; \(count) files in \(path) are damaged: bring them back from a copy if one held that key"
            }
        throw StoreError(
            .wrongKey, "no key of this repository fits what was given", path: storage.location,
            remedy: "check the password, its file, or the key file\(damage)")
    }

    /// Without a usable config: a key that opens has a copy of it. The config is written anew, if that can be done.
    private static func recover(
        _ storage: any Storage, credentials: [Credential], mended: Bool, because cause: StoreError
    ) throws(StoreError) -> Opened {
        let (slots, failures) = try KeyRing.slots(in: storage)
        if slots.isEmpty && failures.isEmpty {
            guard cause.code == .missing else { throw cause }
            throw StoreError(
                .noRepository, "there is no repository here", path: storage.location,
                remedy: "make one with init, or check the path")
        }
        let path = "\(storage.location)/\(configName)"
        let key = try unlock(slots, failures: failures, credentials: credentials, storage: storage)
        let record = try Record(.config, copy: key.config, path: path)
        let clear = try ConfigClear(record.clear, path: path)
        let repository = try complete(storage, record, clear, masterKey: key.masterKey, path: path)
        guard mended else {
            let warning = StoreError(
                .damaged, "the config was lost or damaged (\(cause.message)); it was taken from a key file", path: path)
            return (repository, failures + [warning])
        }
        var warning = StoreError(
            .healed,
            "the config was lost or damaged (\(cause.message)); it was taken from a key file and written anew",
            path: path, remedy: "look after the disk")
        do throws(StorageError) {
            try storage.replace(record.encoded, as: configName, temporaryName: "tmp/\(clear.id).config")
        } catch {
            warning = StoreError(
                .healed,
                "the config was lost or damaged (\(cause.message)); it was taken from a key file, and could not be written anew: \(error.reason)",
                path: path, remedy: "open the repository where it can be written, which brings the config back")
        }
        let halves = slots.filter { $0.clear.repository == clear.id }.compactMap { $0.warning(in: storage) }
        return (repository, halves + failures + [warning])
    }
}
