import Bytes
import Chunking
import Crypto
import Posix
import Storage

extension Repository {
    /// Makes a repository in a storage that holds none. Writing `config` is what makes it one: of two programs that try at
    /// once, one wins and the other finds out.
    static func make(
        in storage: any Storage, mode: EncryptionMode, credentials: [Credential], label: String,
        like other: Repository?,
        profile: Profile
    ) throws(StoreError) -> Repository {
        guard (mode == .none) == credentials.isEmpty else {
            throw StoreError(.usage, "a repository has keys exactly if it is encrypted")
        }
        try requireVacant(storage, mode: mode)
        let clear = ConfigClear(id: try .random(), made: Machine.seconds, mode: mode)
        let secret = try encrypting { () throws(CryptoError) in
            try Secret.random(byteCount: ConfigContent.chunkerSecretBytes)
        }
        let content = ConfigContent(
            mode: mode, chunkerSecret: other?.chunkerSecret ?? secret, profile: other?.profile ?? profile)
        let masterKey =
            mode == .none ? nil : try encrypting { () throws(CryptoError) in try Secret.random(byteCount: 32) }
        let record = try Record(
            Header(.config, envelope: mode.envelope, kind: 0), clear: clear.encoded, content: content.encoded,
            repository: clear.id, inputKey: masterKey)
        let made = try Repository(
            storage: storage, clear: clear, content: content, masterKey: masterKey, config: record.encodedOnce)

        var slots: [[UInt8]] = []
        let ring = KeyRing(storage: storage, repository: clear.id)
        do throws(StoreError) {
            if let masterKey {
                for credential in credentials {
                    slots.append(
                        try ring.add(
                            credential, label: label, masterKey: masterKey, config: made.config,
                            temporaryName: "tmp/\(clear.id).key\(slots.count)"))
                }
            }
            try storing { () throws(StorageError) in
                try storage.write(record.encoded, as: configName, temporaryName: "tmp/\(clear.id).config")
            }
        } catch { throw takeBack(record, slots, of: ring, after: error) }
        removeStrayKeys(of: ring)
        return made
    }

    /// Undoes a making that failed, as far as that goes: the config before the keys, for without them nobody could use what
    /// is there, nor make another. Returns what to tell.
    private static func takeBack(
        _ config: Record, _ slots: [[UInt8]], of ring: KeyRing, after error: StoreError
    ) -> StoreError {
        let storage = ring.storage
        let standing = try? storage.read(configName, limit: Limits.smallRecordFileBytes)
        if standing == config.encoded {
            // It got its name, and then that could not be made durable.
            try? storage.remove(configName)
            try? storage.synchronize("")
        }
        let isOthers = error.code == .alreadyExists || (standing != nil && standing != config.encoded)
        if isOthers || (try? storage.exists(configName)) == false {
            for slot in slots { try? ring.remove(slot) }
        }
        return isOthers ? .exists(storage.location) : error
    }

    /// Removes keys of repositories whose making ended before their config was written. One of them could otherwise, should
    /// this config get lost, bring its own config back in place of this one.
    private static func removeStrayKeys(of ring: KeyRing) {
        guard let slots = try? KeyRing.slots(in: ring.storage).slots else { return }
        for slot in slots where slot.clear.repository != ring.repository { try? ring.remove(slot.id) }
    }

    /// What may stand where a repository is made: what an earlier making left that did not get to its end, what one leaves
    /// that runs at this moment, and what a file system has at its top from the beginning.
    private static let vacantNames: Set<String> = [
        "keys", "packs", "manifests", "forgotten", "condemned", "leases", "parity", "tmp", "lost+found",
    ]

    /// Throws `.alreadyExists` unless a repository can be made here.
    static func requireVacant(_ storage: any Storage, mode: EncryptionMode) throws(StoreError) {
        let names = try storing { () throws(StorageError) in try storage.names() }
        if names.contains(configName) { throw .exists(storage.location) }
        if let stranger = names.first(where: { !vacantNames.contains($0) }) {
            throw StoreError(
                .alreadyExists, "the folder is not empty: it holds \"\(stranger)\"", path: storage.location,
                remedy: "choose an empty folder, or a new one")
        }
        for folder in ["packs", "manifests"] {
            let held = try storing { () throws(StorageError) in try storage.list(folder, recursive: true) }
            if !held.isEmpty {
                throw StoreError(
                    .alreadyExists, "there are packs or manifests here, but no config: this is a damaged repository",
                    path: storage.location,
                    remedy: "open it with a password or key file of it, which brings the config back")
            }
        }
        let keys = try storing { () throws(StorageError) in try storage.list(KeyRing.folder, recursive: false) }
        if mode == .none && !keys.isEmpty {
            throw StoreError(
                .alreadyExists, "there are keys here, but no config: somebody began to make an encrypted repository",
                path: storage.location,
                remedy: "open it with its password or key file, which completes it, or choose an empty folder")
        }
    }
}

extension StoreError {
    static func exists(_ location: String) -> StoreError {
        StoreError(
            .alreadyExists, "a repository is there already", path: location, remedy: "use it, or choose another place")
    }
}
