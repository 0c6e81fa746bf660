import Posix
import Storage
import TestSupport
import Testing

@Suite("Every storage, read from")
struct ReadingConformanceTests {
    @Test("any range inside a file reads its bytes", arguments: StorageKind.allCases)
    func ranges(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            var data = SplitMix64(seed: 2)
            let bytes = data.bytes(300)
            try storage.write(bytes, as: "x", temporaryName: "tmp/1")
            for _ in 0..<200 {
                let start = data.number(below: 301)
                let count = data.number(below: 301 - start)
                #expect(try storage.read("x", at: UInt64(start), count: count) == Array(bytes[start..<start + count]))
            }
        }
    }

    @Test(
        "a range that leaves the file is truncated", arguments: StorageKind.allCases,
        [(0, 11), (9, 2), (10, 1), (11, 1), (1 << 40, 1), (UInt64.max - 3, 4)] as [(UInt64, Int)])
    func truncated(_ kind: StorageKind, _ range: (offset: UInt64, count: Int)) throws {
        try withStorage(kind) { storage in
            try storage.put("x", "0123456789")
            #expect(
                code { () throws(StorageError) in _ = try storage.read("x", at: range.offset, count: range.count) }
                    == .truncated)
        }
    }

    @Test("a whole file that exceeds its limit is refused", arguments: StorageKind.allCases)
    func limit(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            try storage.put("x", "0123456789")
            #expect(try storage.read("x", limit: 10).count == 10)
            #expect(code { () throws(StorageError) in _ = try storage.read("x", limit: 9) } == .tooLarge)
        }
    }

    @Test("what is not there cannot be read, measured or dated", arguments: StorageKind.allCases)
    func missing(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            try storage.put("file", "text")
            for name in ["x", "a/x", "file/x"] {
                #expect(try !storage.exists(name))
                #expect(code { () throws(StorageError) in _ = try storage.size(of: name) } == .notFound)
                #expect(code { () throws(StorageError) in _ = try storage.modified(name) } == .notFound)
                #expect(code { () throws(StorageError) in _ = try storage.read(name, limit: 9) } == .notFound)
                #expect(code { () throws(StorageError) in _ = try storage.read(name, at: 0, count: 1) } == .notFound)
            }
        }
    }

    @Test("an error names the file's whole path", arguments: StorageKind.allCases)
    func path(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            let error = #expect(throws: StorageError.self) { try storage.remove("packs/x") }
            #expect(error?.path == "\(storage.location)/packs/x")
            #expect(error?.reason.isEmpty == false)
        }
    }

    @Test("a listing shows the files of a folder, with those below it where asked", arguments: StorageKind.allCases)
    func list(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            for name in ["config", "packs/d/00/a", "packs/d/00/b", "packs/d/ff/c", "packs/x", "packsx/y"] {
                try storage.put(name, name)
            }
            #expect(try storage.names("", recursive: false) == ["config"])
            #expect(try storage.names("packs", recursive: false) == ["packs/x"])
            #expect(try storage.names("packs/d", recursive: false) == [])
            #expect(
                try storage.names("packs", recursive: true) == [
                    "packs/d/00/a", "packs/d/00/b", "packs/d/ff/c", "packs/x",
                ])
            #expect(try storage.names("", recursive: true).count == 6)
            #expect(try storage.list("", recursive: true).allSatisfy { $0.size == UInt64($0.name.utf8.count) })
            #expect(try storage.list("packs", recursive: false).map(\.lastComponent) == ["x"])
        }
    }

    @Test("the names at the top are those of files and of folders, each once", arguments: StorageKind.allCases)
    func names(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            #expect(try storage.names().isEmpty)
            for name in ["x", "a/1", "a/b/2"] { try storage.put(name, "") }
            #expect(try storage.names().filter { $0 != "tmp" } == ["a", "x"])
        }
    }

    @Test("a folder that is not there has no files", arguments: StorageKind.allCases)
    func listMissing(_ kind: StorageKind) throws {
        try withStorage(kind) { (storage) throws in
            #expect(try storage.names("", recursive: true) == [])
            #expect(try storage.names("packs/d", recursive: true) == [])
            #expect(try storage.names("packs", recursive: false) == [])
        }
    }

    @Test("a file is dated when it is written", arguments: StorageKind.allCases)
    func modified(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            // The kernel's clock for files may lag a tick behind.
            let before = Machine.seconds - 1
            try storage.put("x", "text")
            try storage.append([1], to: "y")
            #expect((before...Machine.seconds).contains(try storage.modified("x")))
            #expect((before...Machine.seconds).contains(try storage.modified("y")))
            let date = try storage.modified("x")
            try storage.rename("x", to: "z")
            #expect(try storage.modified("z") == date)
        }
    }

    @Test("an identity stays with a file and is another one elsewhere", arguments: StorageKind.allCases)
    func identity(_ kind: StorageKind) throws {
        try withStorage(kind) { storage in
            try withStorage(kind) { other in
                try storage.put("config", "text")
                try other.put("config", "text")
                let identity = try storage.identity(of: "config")
                #expect(try storage.identity(of: "config") == identity)
                #expect(try other.identity(of: "config") != identity)
                #expect(identity.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) || $0 == 45 })
            }
        }
    }
}
