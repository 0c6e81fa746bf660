import Storage
import TestSupport
import Testing

@Suite("Every storage, written to")
struct WritingConformanceTests {
    @Test("what was appended is what a published file holds", arguments: StorageKind.allCases)
    func publish(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            var data = SplitMix64(seed: 1)
            let pieces = [data.bytes(1), data.bytes(70_000), [], data.bytes(13)]
            let upload = try storage.upload("tmp/1")
            for piece in pieces { try upload.append(piece) }
            #expect(try !storage.exists("a/b/c"))
            try upload.publish(as: "a/b/c")
            #expect(try storage.exists("a/b/c"))
            #expect(try !storage.exists("tmp/1"))
            #expect(try storage.size(of: "a/b/c") == 70_014)
            #expect(try storage.read("a/b/c", limit: 70_014) == pieces.flatMap { $0 })
        }
    }

    @Test("an empty file can be published", arguments: StorageKind.allCases)
    func empty(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            try storage.put("empty", "")
            #expect(try storage.size(of: "empty") == 0)
            #expect(try storage.read("empty", limit: 0) == [])
        }
    }

    @Test("publishing under a name that is taken fails and changes nothing", arguments: StorageKind.allCases)
    func publishTaken(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            try storage.put("a/x", "old")
            #expect(code { () throws(StorageError) in try storage.put("a/x", "new") } == .exists)
            #expect(try storage.text("a/x") == "old")
            #expect(try storage.names("", recursive: true) == ["a/x"])
        }
    }

    @Test("publishing in place of a file replaces its content", arguments: StorageKind.allCases)
    func replace(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            for text in ["first", "the second", "3"] {
                try storage.replace(Array(text.utf8), as: "config", temporaryName: "tmp/1")
                #expect(try storage.text("config") == text)
            }
            #expect(try storage.names("", recursive: true) == ["config"])
        }
    }

    @Test("a locked file that is replaced leaves an unlocked one", arguments: StorageKind.allCases)
    func replaceLocked(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            let first = try #require(try storage.lock("x", create: true))
            let upload = try storage.upload("tmp/1")
            try upload.publish(replacing: "x")
            let second = try #require(try storage.lock("x", create: false))
            first.release()
            #expect(try storage.lock("x", create: false) == nil)
            second.release()
        }
    }

    @Test("what is discarded, or let go, leaves nothing", arguments: StorageKind.allCases)
    func discard(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            let upload = try storage.upload("tmp/1")
            try upload.append([1, 2, 3])
            upload.discard()
            upload.discard()
            _ = try storage.upload("tmp/2")
            #expect(try storage.names("", recursive: true) == [])
        }
    }

    @Test("discarding after publishing does nothing", arguments: StorageKind.allCases)
    func discardPublished(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            let upload = try storage.upload("tmp/1")
            try upload.publish(as: "x")
            try storage.put("tmp/1", "another's")
            upload.discard()
            #expect(try storage.names("", recursive: true) == ["tmp/1", "x"])
        }
    }

    @Test("appending makes a file and makes it longer", arguments: StorageKind.allCases)
    func append(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            try storage.append(Array("one\n".utf8), to: "leases/a.claim")
            try storage.append(Array("two\n".utf8), to: "leases/a.claim")
            try storage.append([], to: "leases/a.claim")
            #expect(try storage.text("leases/a.claim") == "one\ntwo\n")
        }
    }

    @Test("renaming moves a file to a new name, in another folder too", arguments: StorageKind.allCases)
    func rename(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            try storage.put("a/x", "text")
            try storage.rename("a/x", to: "b/c/y")
            #expect(try storage.text("b/c/y") == "text")
            #expect(try storage.names("", recursive: true) == ["b/c/y"])
        }
    }

    @Test("renaming to a name that is taken fails and changes nothing", arguments: StorageKind.allCases)
    func renameTaken(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            try storage.put("a/x", "x")
            try storage.put("a/y", "y")
            #expect(code { () throws(StorageError) in try storage.rename("a/x", to: "a/y") } == .exists)
            #expect(try storage.text("a/x") + storage.text("a/y") == "xy")
        }
    }

    @Test("renaming or removing what is not there fails", arguments: StorageKind.allCases)
    func missing(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            #expect(code { () throws(StorageError) in try storage.rename("a/x", to: "a/y") } == .notFound)
            #expect(code { () throws(StorageError) in try storage.remove("a/x") } == .notFound)
            try storage.put("a/y", "y")
            #expect(code { () throws(StorageError) in try storage.rename("a/x", to: "a/z") } == .notFound)
            #expect(code { () throws(StorageError) in try storage.remove("a/x") } == .notFound)
        }
    }

    @Test("a removed name is free again", arguments: StorageKind.allCases)
    func remove(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            try storage.put("a/x", "first")
            try storage.remove("a/x")
            #expect(try !storage.exists("a/x"))
            try storage.synchronize("a")
            try storage.put("a/x", "second")
            #expect(try storage.text("a/x") == "second")
        }
    }
}
