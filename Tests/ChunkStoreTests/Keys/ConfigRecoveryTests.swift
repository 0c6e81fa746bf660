import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct ConfigRecoveryTests {
    private let storage = MemoryStorage()

    @Test("a config with one damaged copy is used, and the damage is told", arguments: EncryptionMode.allCases)
    func half(mode: EncryptionMode) throws {
        let store = try makeStore(storage, mode: mode)
        let id = try store.put([[1]])[0]
        let good = try storage.file("config")
        for offset in [0, 9, 50, 60, good.count / 2 + 60] {
            try storage.flip("config", at: offset)
            let opened = try openStore(storage, mode: mode)
            #expect(opened.warnings.count == 1 && opened.warnings[0].message.contains("one of the two copies"))
            #expect(opened.warnings.first?.code == .halfDamaged)
            #expect(try opened.get(id) == [1])
            try storage.overwrite("config", good)
        }
        try storage.overwrite("config", Array(good.prefix(good.count / 2)))
        #expect(try openStore(storage, mode: mode).warnings.count == 1)
    }

    @Test(
        "a config that is gone, or damaged in both copies, comes back from a key and is written anew",
        arguments: [true, false])
    func recovered(gone: Bool) throws {
        let store = try makeStore(storage)
        let id = try store.put([[1]])[0]
        let good = try storage.file("config")
        if gone {
            try storage.remove("config")
        } else {
            try storage.overwrite("config", [UInt8](repeating: 0, count: good.count))
        }
        let opened = try openStore(storage)
        #expect(opened.warnings.count == 1 && opened.warnings[0].message.contains("written anew"))
        #expect(try opened.get(id) == [1])
        #expect(try storage.file("config") == good)
        #expect(try openStore(storage).warnings.isEmpty)
    }

    @Test("where the config cannot be written anew, the repository opens all the same")
    func readOnly() throws {
        let store = try makeStore(storage)
        let id = try store.put([[1]])[0]
        let config = try storage.file("config")
        try storage.flip("config", at: 60)
        try storage.flip("config", at: config.count / 2 + 60)
        let opened = try openStore(SharedStorage(storage, isReadOnly: true))
        #expect(opened.warnings.count == 1 && opened.warnings[0].message.contains("could not be written anew"))
        #expect(try opened.get(id) == [1])
    }

    @Test("without a config the wrong key brings nothing back")
    func wrongKey() throws {
        _ = try makeStore(storage)
        try storage.remove("config")
        expectFailure(.wrongKey) {
            try Store.open(storage, credentials: [TestKey.file(2)], options: .small())
        }
        #expect(!storage.exists("config"))
    }

    @Test("an empty place is no repository, and a plain one without its config is damaged or none")
    func nothing() throws {
        expectFailure(.noRepository, "make one with init") { try openStore(storage) }
        _ = try makeStore(storage, mode: .none)
        let config = try storage.file("config")
        try storage.overwrite("config", [UInt8](repeating: 0, count: config.count))
        expectFailure(.damaged, "config", "CAIRNCFG") { try openStore(storage, mode: .none) }
        try storage.remove("config")
        expectFailure(.noRepository) { try openStore(storage, mode: .none) }
    }

    @Test("a plain config in an encrypted repository is refused, whoever put it there")
    func replacedByPlain() throws {
        _ = try makeStore(storage)
        let other = MemoryStorage()
        _ = try makeStore(other, mode: .none)
        try storage.overwrite("config", other.file("config"))
        expectFailure(.damaged, "nothing is encrypted", "bring the true config back") { try openStore(storage) }
        expectFailure(.damaged) { try openStore(storage, mode: .none) }
    }

    @Test("another repository's config is refused: none of the keys is its own")
    func replacedByOther() throws {
        _ = try makeStore(storage)
        let other = MemoryStorage()
        _ = try makeStore(other)
        try storage.overwrite("config", other.file("config"))
        expectFailure(.missing, "has no key files") { try openStore(storage) }
    }

    @Test("an encrypted repository without its keys says so")
    func keysGone() throws {
        _ = try makeStore(storage)
        for name in try storage.names(below: "keys") { try storage.remove(name) }
        expectFailure(.missing, "keys", "bring the folder back") { try openStore(storage) }
    }

    @Test("a client that knows a repository as encrypted refuses it as plain, and the other way round")
    func known() throws {
        let cache = try TemporaryFolder()
        let options = StoreOptions.small(cache: cache.path)
        let encrypted = try makeStore(storage, options: options)
        // Somebody takes the keys away and puts a plain config of the same id in the place.
        let secret = encrypted.repository.chunkerSecret
        let clear = ConfigClear(id: encrypted.id, made: 1, mode: .none)
        let content = ConfigContent(mode: .none, chunkerSecret: secret, profile: encrypted.repository.profile)
        let forged = try Record(
            Header(.config, envelope: .plain, kind: 0), clear: clear.encoded, content: content.encoded,
            repository: encrypted.id, inputKey: nil)
        for name in try storage.names(below: "keys") { try storage.remove(name) }
        try storage.overwrite("config", forged.encoded)
        expectFailure(.damaged, "\"aes-256-gcm\"", "\"none\"", "\(cache.path)/known/\(encrypted.id)") {
            try openStore(storage, mode: .none, options: options)
        }
        // A client that has never met it, and one that is told to forget, have nothing to compare with.
        #expect(throws: Never.self) { try openStore(storage, mode: .none) }
        try Folder.remove(cache.path.appending("known/\(encrypted.id)"))
        #expect(throws: Never.self) { try openStore(storage, mode: .none, options: options) }
    }

    @Test(
        "a config of a newer version or with an unknown feature is refused by name", arguments: EncryptionMode.allCases)
    func newer(mode: EncryptionMode) throws {
        let store = try makeStore(storage, mode: mode)
        var clear = ConfigClear(id: store.id, made: 1, mode: mode)
        clear.features = ["tomorrow"]
        let record = try Record(
            Header(.config, envelope: mode.envelope, kind: 0), clear: clear.encoded, content: [], repository: store.id,
            inputKey: store.repository.masterKey)
        try storage.overwrite("config", record.encoded)
        expectFailure(.unsupported, "the feature \"tomorrow\"", "config", "newer version") {
            try openStore(storage, mode: mode)
        }
        var file = record.encoded
        for start in [0, file.count / 2] { file[start + 8] = 9 }
        try storage.overwrite("config", file)
        expectFailure(.unsupported, "format version 9", "config") { try openStore(storage, mode: mode) }
    }

    @Test("a repository is made only in an empty place")
    func occupied() throws {
        _ = try makeStore(storage)
        expectFailure(.alreadyExists, "a repository is there already") { try makeStore(storage) }
        #expect(try storage.names(below: "keys").count == 1)

        let strange = MemoryStorage()
        try strange.overwrite("notes.txt", [1])
        expectFailure(.alreadyExists, "notes.txt", "choose an empty folder") { try makeStore(strange) }
        for name in ["packs/d/00/x", "manifests/x"] {
            let damaged = MemoryStorage()
            try damaged.overwrite(name, [1])
            expectFailure(.alreadyExists, "no config") { try makeStore(damaged) }
        }
    }

    @Test(
        "keys that an interrupted making left behind do not spoil what is made next", arguments: EncryptionMode.allCases
    )
    func leftoverKeys(mode: EncryptionMode) throws {
        _ = try makeStore(storage)
        try storage.remove("config")
        do {
            _ = try makeStore(storage, mode: mode)
        } catch let error as StoreError {
            #expect(error.code == .alreadyExists, "\(error)")
            return
        }
        #expect(throws: Never.self) { try openStore(storage, mode: mode) }
    }
}
