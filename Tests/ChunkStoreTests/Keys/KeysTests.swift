import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct KeysTests {
    private let storage = MemoryStorage()

    private func opens(_ credentials: Credential...) -> Bool {
        (try? Store.open(storage, credentials: credentials, options: .small())) != nil
    }

    @Test("any of several passwords and key files opens, in any place of the list, and nothing else does")
    func several() throws {
        let store = try Store.create(
            in: storage, encryption: .aes256GCM, credentials: [.password("one"), TestKey.file(1)], label: "both",
            options: .small())
        try store.put([[1, 2, 3]])
        try store.addKey(.password("two"))
        try store.addKey(TestKey.file(2), label: "second")
        for credential in [.password("one"), .password("two"), TestKey.file(1), TestKey.file(2)] {
            let opened = try Store.open(storage, credentials: [credential], options: .small())
            #expect(opened.warnings.isEmpty)
            #expect(try opened.get(ChunkID(of: [1, 2, 3])) == [1, 2, 3])
        }
        #expect(opens(TestKey.file(9), .password("no"), TestKey.file(2)))
        #expect(!opens(TestKey.file(9)) && !opens(.password("One")) && !opens(.password("")))
        let (keys, failures) = try store.keys()
        #expect(keys.count == 4 && failures.isEmpty && keys.count(where: \.isPassword) == 2)
        #expect(try store.key(opening: TestKey.file(2)).map { id in keys.contains { $0.id == id } } == true)
        #expect(try store.key(opening: TestKey.file(9)) == nil)
    }

    @Test("a wrong password and no password are told apart, and both say what to do")
    func wrong() throws {
        _ = try makeStore(storage)
        expectFailure(.wrongKey, "a password or key file is needed", "name a password file") {
            try Store.open(storage, options: .small())
        }
        expectFailure(.wrongKey, "no key of this repository fits", "check the password") {
            try Store.open(storage, credentials: [.password("no"), TestKey.file(2)], options: .small())
        }
    }

    @Test("a removed key opens no more, and the last one stays")
    func remove() throws {
        let store = try makeStore(storage)
        let first = try #require(try store.key(opening: TestKey.file(1)))
        expectFailure(.usage, "the last key", "add another key first") { try store.removeKey(first) }
        let second = try store.addKey(TestKey.file(2))
        try store.removeKey(first)
        #expect(!opens(TestKey.file(1)) && opens(TestKey.file(2)))
        expectFailure(.missing, first) { try store.removeKey(first) }
        expectFailure(.missing) { try store.removeKey("../config") }
        expectFailure(.usage) { try store.removeKey(second) }
    }

    @Test("a changed key opens by its new credential alone")
    func change() throws {
        let store = try makeStore(storage)
        let first = try #require(try store.key(opening: TestKey.file(1)))
        try store.changeKey(first, to: TestKey.file(2), label: "new")
        #expect(!opens(TestKey.file(1)) && opens(TestKey.file(2)))
        #expect(try store.keys().keys.count == 1)
    }

    @Test("changing a key that is not there adds none")
    func changeMissing() throws {
        let store = try makeStore(storage)
        expectFailure(.missing) { try store.changeKey(String(repeating: "0", count: 32), to: TestKey.file(2)) }
        #expect(try store.keys().keys.count == 1)
        #expect(!opens(TestKey.file(2)))
    }

    @Test("a repository that is not encrypted has no keys and takes none")
    func plain() throws {
        let store = try makeStore(storage, mode: .none)
        #expect(try store.keys().keys.isEmpty)
        expectFailure(.usage, "not encrypted") { try store.addKey(TestKey.file(1)) }
        // Credentials that are not needed do no harm.
        #expect(opens(TestKey.file(1)))
    }

    @Test("encryption and credentials must fit each other when a repository is made")
    func mismatch() throws {
        expectFailure(.usage) {
            try Store.create(in: storage, encryption: .none, credentials: [TestKey.file(1)], options: .small())
        }
        expectFailure(.usage) {
            try Store.create(in: storage, encryption: .aes256GCM, credentials: [], options: .small())
        }
        #expect(storage.list("", recursive: true).isEmpty)
    }

    @Test("a key file with one damaged copy opens and is named; with two it is reported, and others open")
    func damaged() throws {
        let store = try makeStore(storage)
        try store.addKey(TestKey.file(2))
        let name = "keys/" + (try #require(try store.key(opening: TestKey.file(1))))
        try storage.flip(name, at: 60)
        #expect(opens(TestKey.file(1)))
        #expect(try openStore(storage).warnings.map(\.code) == [.halfDamaged])
        #expect(try store.keys().keys.count { $0.isHalfDamaged } == 1)
        try storage.flip(name, at: storage.file(name).count / 2 + 60)
        #expect(!opens(TestKey.file(1)))
        let opened = try Store.open(storage, credentials: [TestKey.file(2)], options: .small())
        #expect(opened.warnings.count == 1 && opened.warnings[0].path?.hasSuffix(name) == true)
        #expect(try opened.keys().failures.count == 1)
        expectFailure(.wrongKey, "no key of this repository fits", "1 file in", "keys is damaged") {
            try Store.open(storage, credentials: [TestKey.file(1)], options: .small())
        }
    }

    @Test("a key of another repository in the folder is ignored, and a renamed one is damaged")
    func strangers() throws {
        let store = try makeStore(storage)
        let other = MemoryStorage()
        _ = try makeStore(other)
        for name in try other.names(below: "keys") { try storage.overwrite(name, try other.file(name)) }
        try storage.overwrite("keys/README", [1])
        #expect(try openStore(storage).warnings.isEmpty)
        #expect(try store.keys().keys.count == 1)

        let name = "keys/" + (try #require(try store.key(opening: TestKey.file(1))))
        let renamed = "keys/" + String(repeating: "ab", count: 16)
        try storage.rename(name, to: renamed)
        let error = expectFailure(.damaged, "belongs under another name") { try openStore(storage) }
        #expect(error?.path?.hasSuffix(renamed) == true)
    }

    @Test("a key of a kind that is not known, or that is not sealed, is reported and passed over")
    func unknownKind() throws {
        let store = try makeStore(storage)
        let clear = KeySlot.Clear(repository: store.id, id: [UInt8](repeating: 1, count: 16), made: 1, scrypt: nil)
        for (envelope, kind, code) in [
            (Header.Envelope.symmetric, 3 as UInt8, StoreError.Code.unsupported), (.plain, 2, .damaged),
        ] {
            let record = try Record(
                Header(.key, envelope: envelope, kind: kind), clear: clear.encoded, content: [], repository: store.id,
                inputKey: store.repository.masterKey)
            try storage.overwrite("keys/" + String(repeating: "01", count: 16), record.encoded)
            let warnings = try openStore(storage).warnings
            #expect(warnings.count == 1 && warnings[0].code == code, "\(warnings)")
        }
    }
}
