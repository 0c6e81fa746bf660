import ChunkStore
import Crypto
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Tar archives")
struct TarTests {
    private static func time(_ seconds: Int64, _ nanoseconds: UInt32) -> (inout TreeEntry) -> Void {
        { $0.modified = FileTime(seconds: seconds, nanoseconds: nanoseconds) }
    }

    @Test("tar lists kinds, modes, owners, sizes and links as they were")
    func listing() throws {
        let archive = try Archive(
            [
                "block": TreeSketch.node(.blockDevice(major: 259, minor: 70_000)).with { $0.mode = 0o660 },
                "char": .node(.characterDevice(major: 1, minor: 3)),
                "dir": ["empty": "", "file": TreeSketch.file("12345").with { $0.mode = 0o4755 }],
                "fifo": .node(.fifo), "link": .link("dir/file"),
                "owned": TreeSketch.file("1").with {
                    ($0.userID, $0.groupID) = (3_000_000_000, 0)
                    ($0.userName, $0.groupName) = (Array("alice".utf8), Array("wheel".utf8))
                },
                "socket": .node(.socket),
            ], .tar)
        #expect(archive.skipped == ["socket: a socket"])
        let lines = try archive.run("tar --numeric-owner --utc -tvf archive | tr -s ' '").split(separator: "\n")
        #expect(
            lines == [
                "brw-rw---- 1000/100 259,70000 2023-11-14 22:13 block",
                "crw-r--r-- 1000/100 1,3 2023-11-14 22:13 char",
                "drwxr-xr-x 1000/100 0 2023-11-14 22:13 dir/",
                "-rw-r--r-- 1000/100 0 2023-11-14 22:13 dir/empty",
                "-rwsr-xr-x 1000/100 5 2023-11-14 22:13 dir/file",
                "prw-r--r-- 1000/100 0 2023-11-14 22:13 fifo",
                "lrw-r--r-- 1000/100 0 2023-11-14 22:13 link -> dir/file",
                "-rw-r--r-- 3000000000/0 1 2023-11-14 22:13 owned",
            ])
        #expect(try archive.run("tar -tvf archive owned").contains("alice/wheel"))
        #expect(archive.bytes.count.isMultiple(of: 10_240))
    }

    @Test("times are exact to the nanosecond, also before 1970 and far away")
    func times() throws {
        let times: [(Int64, UInt32)] = [
            (0, 0), (1_700_000_000, 1), (-1, 500_000_000), (-1, 0), (-2, 1), (9_000_000_000, 999_999_999),
        ]
        let entries = times.enumerated().map { index, time in
            (Array("\(index)".utf8), TreeSketch.file("").with(Self.time(time.0, time.1)))
        }
        let archive = try Archive(.directory(entries), .tar)
        try _ = archive.run("mkdir out && tar -C out --warning=no-timestamp -xf archive")
        for (index, (seconds, nanoseconds)) in times.enumerated() {
            let found = try Folder.status(archive.folder.path.appending("out/\(index)")).modified
            #expect(found == FileTime(seconds: seconds, nanoseconds: nanoseconds))
        }
    }

    @Test("long names, long targets, names in other alphabets and names that are no text come out as they went in")
    func names() throws {
        let long = String(repeating: "0123456789", count: 24)
        let target = String(repeating: "target/", count: 30) + "ß"
        let entries: [([UInt8], TreeSketch)] = [
            (Array("plain".utf8), "1"), (Array("größe".utf8), "2"), ([0xFF, 0xFE], "3"),
            (Array("a\nb\\c = 7".utf8), "4"), (Array(long.utf8), [long: "5"]), (Array("link".utf8), .link(target)),
            (Array(long.utf8).dropLast() + [0xE9], "6"),
        ]
        let archive = try Archive(.directory(entries), .tar)
        try _ = archive.run("mkdir out && tar -C out -xf archive 2>tar.err")
        let out = archive.folder.path.appending("out")
        let names = try Folder.entries(of: out).map(\.name)
        #expect(Set(names) == Set(entries.map(\.0)))
        #expect(try archive.run("cat out/\(long)/\(long) out/größe out/plain") == "521")
        #expect(try archive.run("readlink out/link") == target + "\n")
        let python = try archive.python(
            """
            import tarfile, os
            for m in tarfile.open("archive"): print(os.fsencode(m.name).hex())
            """)
        let expected = (entries.map(\.0) + [Array("\(long)/\(long)".utf8)]).map { bytes in
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        #expect(Set(python.split(separator: "\n").map(String.init)) == Set(expected))
    }

    @Test("attributes come out, whatever bytes they hold")
    func attributes() throws {
        let value: [UInt8] = [0, 10, 61, 255, 32]
        let sketch = TreeSketch.file("1").with {
            $0.attributes = [
                ExtendedAttribute(name: Array("user.50%=half".utf8), value: value),
                ExtendedAttribute(name: Array("user.empty".utf8), value: []),
            ]
        }
        let archive = try Archive(["f": sketch, "d": TreeSketch(dictionaryLiteral: ("g", sketch))], .tar)
        try _ = archive.run("mkdir out && tar -C out --xattrs -xf archive")
        for name in ["out/f", "out/d/g"] {
            let file = try FileDescriptor.open(archive.folder.path.appending(name), [.read])
            #expect(try file.attribute(Array("user.50%=half".utf8)) == value)
            #expect(try file.attribute(Array("user.empty".utf8)) == [])
        }
    }

    /// `user::rw-,user:54321:r--,group::r--,group:5:r-x,mask::rwx,other::---` in the kernel's form.
    private static let accessList: [UInt8] = [
        2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 0x31, 0xD4, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255,
        8, 0, 5, 0, 5, 0, 0, 0, 16, 0, 7, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255,
    ]

    @Test("access control lists stand as text beside their attributes, where they are lists at all")
    func accessLists() throws {
        #expect(
            AccessList(Self.accessList)?.text
                == "user::rw-,user:54321:r--,group::r--,group:5:r-x,mask::rwx,other::---")
        let spoilt: [[UInt8]] = [
            [], [2, 0, 0, 0], [3, 0, 0, 0] + Self.accessList.dropFirst(4), Self.accessList.dropLast(),
            Self.accessList + [64, 0, 0, 0, 0, 0, 0, 0], Self.accessList + [2, 0, 8, 0, 0, 0, 0, 0],
        ]
        for value in spoilt { #expect(AccessList(value) == nil, "\(value)") }
    }

    @Test(
        "tar --acls sets access control lists and defaults as they were",
        .enabled(if: Machine.isSuperuser, "only root may unpack for others"))
    func restoredAccessLists() throws {
        func attribute(_ name: String, _ value: [UInt8]) -> (inout TreeEntry) -> Void {
            {
                $0.mode = 0o770
                $0.attributes.append(ExtendedAttribute(name: Array("system.posix_acl_\(name)".utf8), value: value))
            }
        }
        let (access, standard) = (attribute("access", Self.accessList), attribute("default", Self.accessList))
        let folder = TreeSketch(dictionaryLiteral: ("inside", TreeSketch.file("2").with(access)), ("none", "3"))
        let archive = try Archive(
            ["d": folder.with(access).with(standard), "f": TreeSketch.file("1").with(access)], .tar)
        try _ = archive.run("mkdir out && tar -C out --acls --xattrs -xf archive")
        let lists = ["d": ["access", "default"], "f": ["access"], "d/inside": ["access"], "d/none": []]
        for (name, present) in lists {
            let file = try FileDescriptor.open(archive.folder.path.appending("out/\(name)"), [.read])
            for list in ["access", "default"] {
                let expected = present.contains(list) ? Self.accessList : nil
                #expect(try file.attribute(Array("system.posix_acl_\(list)".utf8)) == expected, "\(name) \(list)")
            }
        }
    }

    @Test("hard links come out as one file, whichever part is written")
    func links() throws {
        let file = TreeSketch.file("shared").with { $0.linkGroup = 7 }
        let tree: TreeSketch = ["a": ["one": file], "b": ["three": file, "two": file, "x": "other"]]
        let whole = try Archive(tree, .tar)
        #expect(
            try whole.run("mkdir out; tar -C out -xf archive; stat -c %h out/a/one out/b/two out/b/x") == "3\n3\n1\n")
        let part = try Archive(tree, .tar, at: "/b")
        #expect(
            try part.run("mkdir out; tar -C out -xf archive; cat out/two; stat -c %h out/two out/three")
                == "shared2\n2\n")
    }

    @Test("a part has its own folder's metadata as \".\"; a single file is a member alone")
    func parts() throws {
        let tree: TreeSketch = [
            "d": TreeSketch(dictionaryLiteral: ("e", ["f": "1"])).with { $0.mode = 0o711 }, "g": "2",
        ]
        #expect(try Archive(tree, .tar, at: "/d").run("tar -tf archive") == "./\ne/\ne/f\n")
        #expect(try Archive(tree, .tar, at: "/d/e/f").run("tar -tf archive; tar -xOf archive") == "f\n1")
        #expect(try Archive(tree, .tar).run("tar -tf archive") == "d/\nd/e/\nd/e/f\ng\n")
        #expect(try Archive([:], .tar).run("tar -tf archive") == "")
    }

    @Test("holes come out as holes, with the same bytes around them")
    func sparse() throws {
        var random = SplitMix64(seed: 1)
        var bytes = [UInt8](repeating: 0, count: 3 << 20)
        let filled = [0..<4_096, 1_048_576..<1_060_864, 3_000_000..<3_000_001]
        for range in filled { bytes.replaceSubrange(range, with: random.bytes(range.count)) }
        let holes: [(UInt64, UInt64)] = [(4_096, 1_044_480), (1_060_864, 1_939_136), (3_000_001, 145_727)]
        let archive = try Archive(
            ["d": ["sparse": .bytes(bytes, holes: holes)], "hollow": .bytes([0, 0, 0], holes: [(0, 3)]), "z": "end"],
            .tar)
        #expect(archive.bytes.count < 40_000)
        try _ = archive.run("mkdir out && tar -C out -xf archive")
        #expect(try archive.run("od -An -tx1 out/hollow; cat out/z") == " 00 00 00\nend")
        let file = try FileDescriptor.open(archive.folder.path.appending("out/d/sparse"), [.read])
        var found = [UInt8](repeating: 1, count: bytes.count + 1)
        let count = try found.withUnsafeMutableBytesThrowing { raw throws(PosixError) in try file.read(into: raw, at: 0)
        }
        #expect(count == bytes.count && Array(found.dropLast()) == bytes)
        let sizes = try archive.python(
            "import tarfile\nfor m in tarfile.open('archive'): print(m.name, m.size, m.issparse())")
        #expect(sizes == "d 0 False\nd/sparse 3145728 True\nhollow 3 True\nz 3 False\n")
    }

    @Test("small and large files come out, however little is read ahead", arguments: [1, 3 << 20, 32 << 20])
    func contents(lookAheadBytes: Int) throws {
        var random = SplitMix64(seed: 5)
        var entries: [([UInt8], TreeSketch)] = []
        for (index, count) in [0, 1, 511, 512, 513, 30_000, 700_000, 900_000, 1_000_000, 2_500_000].enumerated() {
            entries.append((Array("file \(index)".utf8), .bytes(random.bytes(count))))
        }
        let archive = try Archive(.directory(entries), .tar, lookAheadBytes: lookAheadBytes)
        try _ = archive.run("mkdir out && tar -C out -xf archive")
        for (name, sketch) in entries {
            guard case .file(let bytes, _) = sketch.content else { continue }
            let path = archive.folder.path.appending("out").appending(Path(name))
            #expect(try FileDescriptor.open(path, [.read]).status().size == UInt64(bytes.count))
            try _ = archive.run("sha256sum 'out/\(Path(name))' | grep -q ^\(SHA256.digest(bytes).hex)")
        }
    }

    @Test("a lost chunk is an error that names the file")
    func damage() throws {
        let lost = ChunkID(SHA256.digest([9]))
        let node = TreeEntry.Node.file(
            size: 1, content: .chunks([ChunkReference(id: lost, length: 1)]), digest: lost.digest, holes: .empty)
        for format in TreeExport.Format.allCases {
            #expect {
                try Archive(["d": ["good": "1", "lost": .node(node)]], format)
            } throws: { error in
                let error = error as? CairnError
                return error?.code.description == "missing" && error?.message.contains("\"d/lost\"") == true
            }
        }
    }

    @Test("a tree that gives a chunk a wrong length is refused, not written as if it were right")
    func wrongLength() throws {
        let repository = try SketchRepository()
        let session = try repository.store.write(for: "test")
        let id = try session.put([1, 2, 3])
        try session.flush()
        session.close()
        for length in [2, 4] as [UInt32] {
            let node = TreeEntry.Node.file(
                size: UInt64(length), content: .chunks([ChunkReference(id: id, length: length)]), digest: id.digest,
                holes: .empty)
            let (reader, roots) = try repository.read(["f": .node(node)])
            for format in TreeExport.Format.allCases {
                #expect {
                    try TreeExport(reader, format: format).run(roots[0], skipped: { _, _ in }, write: { _ in })
                } throws: {
                    ($0 as? CairnError)?.code == .damaged
                }
            }
        }
    }
}
