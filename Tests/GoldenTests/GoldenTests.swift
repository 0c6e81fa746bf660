// Golden repositories: files of Tests/Golden that were written once, by the version that began their format, and that every later
// version must read. They are never changed and never made again; a version that writes something new adds one of its own:
//
//     CAIRN_NEW_GOLDEN=NAME swift test --filter GoldenTests
//
// makes Tests/Golden/NAME-plain.* and NAME-sealed.*, where neither may be there yet. What is in them is said in GoldenContent.swift.
//
//     NAME.repository   the files, as text (GoldenArchive.swift)
//     NAME.contents     what is in it, a line for each: `data ID LENGTH`, `tree ID LENGTH`, `root …`, `cut OFFSET LENGTH ID`
//     NAME.key          a key file that opens it, if it is encrypted; `goldenPassword` opens it as well
import ChunkStore
import Glibc
import Independent
import Posix
import Storage
import TestSupport
import Testing

/// The password of encrypted golden repositories.
let goldenPassword = "an old password"

/// The names of all golden repositories.
let goldenNames = ["1-plain", "1-sealed"]

@Suite("Golden repositories")
struct GoldenTests {
    /// A golden repository, unpacked.
    private struct Unpacked {
        let folder: TemporaryFolder
        let contents: [String]
        let keyFile: String?

        init(_ name: String) throws {
            let text = String(decoding: try golden("\(name).repository"), as: UTF8.self)
            folder = try TemporaryFolder()
            for file in try GoldenArchive(text: text).files {
                try folder.write(file.bytes, to: "repository/" + file.name)
            }
            contents = String(decoding: try golden("\(name).contents"), as: UTF8.self).split(separator: "\n").map(
                String.init)
            keyFile = name.hasSuffix("-sealed") ? goldenFolder + "/\(name).key" : nil
        }

        func open(_ credentials: [Credential]) throws -> Store {
            try Store.open(
                LocalDirectory(folder.path.appending("repository")), credentials: credentials,
                options: .small(cache: nil))
        }

        /// The credentials that open it, each alone.
        var credentials: [[Credential]] {
            get throws {
                guard let keyFile else { return [[]] }
                let key = try #require(KeyFileText.parse(try SmallFile.read(Path(keyFile), limit: 1000)))
                return [[.password(goldenPassword)], [key]]
            }
        }

        func lines(_ word: String) -> [String] { contents.filter { $0.hasPrefix(word + " ") } }
    }

    @Test("this version reads every chunk and root of it, with each credential", arguments: goldenNames)
    func read(_ name: String) throws {
        let golden = try Unpacked(name)
        for credentials in try golden.credentials {
            let store = try golden.open(credentials)
            #expect(store.warnings.isEmpty)
            #expect(try contents(of: store) == golden.lines("data") + golden.lines("tree") + golden.lines("root"))
        }
    }

    @Test("this version cuts the golden stream in it as the first one did", arguments: goldenNames)
    func cut(_ name: String) throws {
        let golden = try Unpacked(name)
        let store = try golden.open(try golden.credentials.last ?? [])
        #expect(try cuts(in: store) == golden.lines("cut"))
    }

    @Test(
        "the independent reader agrees with all of that",
        .enabled(if: IndependentReader.isExpected, Comment(rawValue: IndependentReader.isMissing)),
        arguments: goldenNames)
    func agreement(_ name: String) throws {
        let golden = try Unpacked(name)
        let keys = golden.keyFile.map { [["--password", goldenPassword], ["--key-file", $0]] } ?? [[]]
        try golden.folder.write(goldenStream(), to: "stream")
        let roots = try golden.open(try golden.credentials.last ?? []).roots().roots.flatMap { root in
            IndependentReader.lines(
                id: root.id, name: root.name, written: root.written,
                references: root.references.map { "\($0.kind) \($0.id)" },
                payload: root.payload)
        }
        for key in keys {
            let reader = IndependentReader(golden.folder.name("repository"), key: key)
            let listed = try reader.list()
            let lines = Set(listed.map { "\($0.kind) \($0.id) \($0.length)" })
            #expect(lines.sorted() == golden.lines("data") + golden.lines("tree"))
            #expect(Set(try reader.chunks().keys) == Set(listed.map(\.id)))
            #expect(try reader.roots() == roots)
            let cuts = try reader.cuts(of: golden.folder.name("stream")).map {
                "cut \($0.offset) \($0.length) \($0.id)"
            }
            #expect(cuts == golden.lines("cut"))
        }
    }

    @Test(
        "it holds what it is there to prove: both codecs, several blocks, data and trees apart and together",
        arguments: goldenNames)
    func coverage(_ name: String) throws {
        let golden = try Unpacked(name)
        let roots = golden.lines("root")
        #expect(roots.count == 2)
        guard IndependentReader.isExpected else { return }
        let key = golden.keyFile.map { ["--key-file", $0] } ?? []
        let chunks = try IndependentReader(golden.folder.name("repository"), key: key).list()
        let packs = Dictionary(grouping: chunks, by: \.pack)
        let kinds = Set(
            packs.map { pack, chunks in pack.prefix(8) + Set(chunks.map(\.kind)).sorted().joined(separator: "+") })
        #expect(kinds == ["packs/d/data", "packs/t/tree", "packs/t/data+tree"])
        #expect(packs.values.contains { Set($0.map(\.codec)) == [0, 1] })
        #expect(packs.values.contains { Set($0.map(\.block)).count > 2 })
    }

    @Test(
        "a new golden repository is made",
        .enabled(if: getenv("CAIRN_NEW_GOLDEN") != nil, "only where CAIRN_NEW_GOLDEN names it"),
        arguments: [false, true])
    func make(_ isSealed: Bool) throws {
        let name = String(cString: try #require(getenv("CAIRN_NEW_GOLDEN"))) + (isSealed ? "-sealed" : "-plain")
        let folder = try TemporaryFolder()
        try LocalDirectory.makeFolder(folder.path.appending("repository"))
        let key = try KeyFileText.make()
        let store = try Store.create(
            in: LocalDirectory(folder.path.appending("repository")), encryption: isSealed ? .aes256GCM : .none,
            credentials: isSealed ? [.password(goldenPassword), key.credential] : [], label: "golden",
            options: .small(cache: nil))
        try putGoldenContent(into: store)

        let stored = { part in
            try folder.files(below: "repository/" + part).map { String($0.dropFirst("repository/".count)) }
        }
        let parts = try ["config"] + ["keys", "manifests", "packs"].flatMap(stored)
        let files = try parts.map { (name: $0, bytes: try folder.read("repository/" + $0)) }
        // The cuts come last: the stream goes into the repository, but not into the archive.
        let lines = try contents(of: store) + cuts(in: store)
        try SmallFile.writeNew(Path("\(goldenFolder)/\(name).repository"), Array(GoldenArchive(files: files).text.utf8))
        try SmallFile.writeNew(
            Path("\(goldenFolder)/\(name).contents"), Array((lines.joined(separator: "\n") + "\n").utf8))
        if isSealed { try SmallFile.writeNew(Path("\(goldenFolder)/\(name).key"), key.text) }
    }
}

private let goldenFolder: String = {
    let tests = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    return "/\(tests)/Golden"
}()

private func golden(_ name: String) throws -> [UInt8] {
    try SmallFile.read(Path("\(goldenFolder)/\(name)"), limit: 1 << 20)
}
