import Posix
import Storage
import TestSupport
import Testing

@Suite("Every storage, locked")
struct LockConformanceTests {
    @Test("one at a time holds a lock, until it is released", arguments: StorageKind.allCases)
    func release(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            let lock = try #require(try storage.lock("leases/a", create: true))
            #expect(try storage.exists("leases/a"))
            #expect(try storage.lock("leases/a", create: true) == nil)
            #expect(try storage.lock("leases/a", create: false) == nil)
            lock.release()
            lock.release()
            #expect(try storage.lock("leases/a", create: false) != nil)
        }
    }

    @Test("a lock ends when it is let go", arguments: StorageKind.allCases)
    func letGo(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            var lock = try storage.lock("a", create: true)
            #expect(lock != nil)
            lock = nil
            #expect(try storage.lock("a", create: false) != nil)
        }
    }

    @Test("locks of different files do not hinder each other", arguments: StorageKind.allCases)
    func independent(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            let first = try #require(try storage.lock("a", create: true))
            let second = try #require(try storage.lock("b", create: true))
            first.release()
            #expect(try storage.lock("b", create: false) == nil)
            second.release()
        }
    }

    @Test("a file that is missing is made only where asked", arguments: StorageKind.allCases)
    func missing(_ kind: StorageKind) throws {
        try withStorage(kind) { (storage) throws in
            #expect(code { () throws(StorageError) in _ = try storage.lock("leases/a", create: false) } == .notFound)
            #expect(try storage.names("", recursive: true) == [])
        }
    }

    @Test("a lock follows its file to a new name, and frees the old one", arguments: StorageKind.allCases)
    func rename(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            let lock = try #require(try storage.lock("tmp/a", create: true))
            try storage.rename("tmp/a", to: "leases/a")
            #expect(try storage.lock("leases/a", create: false) == nil)
            let other = try #require(try storage.lock("tmp/a", create: true))
            lock.release()
            #expect(try storage.lock("leases/a", create: false) != nil)
            #expect(try storage.lock("tmp/a", create: false) == nil)
            other.release()
        }
    }

    @Test("a removed file takes its lock along", arguments: StorageKind.allCases)
    func remove(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            let lock = try #require(try storage.lock("a", create: true))
            try storage.remove("a")
            let other = try #require(try storage.lock("a", create: true))
            lock.release()
            #expect(try storage.lock("a", create: false) == nil)
            other.release()
        }
    }

    @Test("a locked file can be read and appended to", arguments: StorageKind.allCases)
    func use(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            let lock = try #require(try storage.lock("a", create: true))
            try storage.append([7], to: "a")
            #expect(try storage.read("a", limit: 1) == [7])
            lock.release()
        }
    }

    @Test("of many threads that want a lock at once one gets it", arguments: StorageKind.allCases)
    func threads(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            let gate = Monitor(false)
            let locks = Monitor<[any StorageLock]>([])
            let threads = try (0..<8).map { _ in
                try Thread("locker") {
                    gate.update(when: { $0 }) { _ in }
                    if let lock = try? storage.lock("a", create: true) { locks.withLock { $0.append(lock) } }
                }
            }
            gate.update { $0 = true }
            for thread in threads { thread.join() }
            #expect(locks.withLock { $0.count } == 1)
        }
    }
}
