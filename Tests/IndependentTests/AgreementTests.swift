// What the library writes, the independent reader reads: every chunk, every root, every cut.
import ChildProcess
import ChunkStore
import Independent
import TestSupport
import Testing

@Suite("Agreement", .enabled(if: IndependentReader.isExpected, Comment(rawValue: IndependentReader.isMissing)))
struct AgreementTests {
    /// Holds the reader's view against what was put and against what the library says.
    private func expectAgreement(_ sample: Sample, location: SourceLocation = #_sourceLocation) throws {
        #expect(try sample.reader.chunks() == sample.chunks, sourceLocation: location)
        let listed = try sample.reader.list().map { "\($0.kind) \($0.id) \($0.length)" }
        #expect(Set(listed) == sample.kinds && listed.count == sample.kinds.count, sourceLocation: location)
        var known: [String] = []
        try sample.store.forEachChunk { known.append("\($1) \($0) \($2)") }
        #expect(listed.sorted() == known.sorted(), sourceLocation: location)
        #expect(try sample.reader.roots() == sample.store.roots().roots.flatMap(lines), sourceLocation: location)
    }

    private func lines(_ root: Root) -> [String] {
        IndependentReader.lines(
            id: root.id, name: root.name, written: root.written,
            references: root.references.map { "\($0.kind) \($0.id)" },
            payload: root.payload)
    }

    @Test("a repository without chunks opens and holds nothing", arguments: Lock.allCases)
    func nothing(_ lock: Lock) throws {
        let sample = try Sample(lock)
        try expectAgreement(sample)
        #expect(try sample.reader.run("verify").outputText == "0 packs, 0 blocks, 0 chunks, 0 bytes, 0 roots\n")
    }

    @Test("a small session with trees is one mixed pack, and reads back", arguments: Lock.allCases)
    func small(_ lock: Lock) throws {
        let sample = try Sample(lock)
        var random = SplitMix64(seed: 11)
        try sample.write { session in
            let data = try sample.put(random.text(5000), into: session)
            let empty = try sample.put([], into: session)
            let tree = try sample.put(random.text(300), as: .tree, into: session)
            // The same bytes as both kinds are stored as both.
            try sample.put(random.text(40), into: session)
            let both = random.text(50)
            try sample.put(both, into: session)
            try sample.put(both, as: .tree, into: session)
            try session.commit(
                Array("a name with % and \u{1}\u{FF}".utf8), references: [tree, data, empty], payload: random.bytes(700)
            )
            try session.commit([0xFF], references: [], payload: [])
        }
        #expect(try sample.files(below: "packs").count == 1)
        #expect(try sample.files(below: "packs/t").count == 1)
        try expectAgreement(sample)
    }

    @Test("data and trees in packs of their own read back, with trees from several sessions", arguments: Lock.allCases)
    func sessions(_ lock: Lock) throws {
        let sample = try Sample(lock)
        var random = SplitMix64(seed: 12)
        for number in 0..<3 {
            try sample.write { session in
                let data = try (0..<5).map { _ in try sample.put(random.text(900), into: session) }
                try session.flush()
                let tree = try sample.put(random.text(500), as: .tree, into: session)
                try session.commit(Array("same name".utf8), references: data + [tree], payload: [UInt8(number)])
            }
        }
        let packs = try sample.files(below: "packs")
        #expect(packs.count == 6 && packs.count { $0.hasPrefix("packs/d/") } == 3)
        try expectAgreement(sample)
    }

    @Test("large streams are cut where the reader cuts them, and read back", arguments: [Lock.none, .keyFile])
    func streams(_ lock: Lock) throws {
        let sample = try Sample(lock)
        var random = SplitMix64(seed: 13)
        // More than a block each; random, text, and a run of zeros that only the maximum ends, over the border of two tiers.
        let streams = [
            random.bytes(1_200_000) + random.text(900_000),
            random.text(900_000) + [UInt8](repeating: 0, count: 700_000),
            random.text(5000), random.bytes(63), [],
        ]
        try sample.write { session in
            for (number, stream) in streams.enumerated() {
                let cuts = try sample.stream(stream, into: session)
                try sample.folder.write(stream, to: "stream")
                #expect(
                    try sample.reader.cuts(of: sample.folder.name("stream")) == cuts, "stream \(number)")
            }
        }
        try expectAgreement(sample)
    }

    @Test("many small chunks read back, compressed and not", arguments: [CompressionLevel.automatic, .off, .level(19)])
    func manySmall(_ level: CompressionLevel) throws {
        let sample = try Sample(.keyFile, compression: level)
        var random = SplitMix64(seed: 14)
        try sample.write { session in
            for number in 0..<3000 { try sample.put(random.text(number % 97), into: session) }
        }
        let codecs = Set(try sample.reader.list().map(\.codec))
        #expect(codecs == (level == .off ? [0] : [1]))
        try expectAgreement(sample)
    }

    @Test("chunks that do not compress are stored as they are, up to the longest", arguments: [Lock.none, .keyFile])
    func incompressible(_ lock: Lock) throws {
        let sample = try Sample(lock)
        var random = SplitMix64(seed: 15)
        try sample.write { session in
            try sample.put(random.bytes(1), into: session)
            try sample.put(random.bytes(100_000), into: session)
            try sample.put([UInt8](repeating: 7, count: 4 << 20), into: session)
        }
        try sample.write { session in try sample.put(random.bytes(3 << 20), into: session) }
        #expect(Set(try sample.reader.list().map(\.codec)) == [0, 1])
        try expectAgreement(sample)
    }

    @Test("one chunk comes alone, and an id that is not there is an error", arguments: Lock.allCases)
    func single(_ lock: Lock) throws {
        let sample = try Sample(lock)
        let bytes = Array("alone".utf8)
        try sample.write { try sample.put(bytes, into: $0) }
        let found = try sample.reader.run("cat", bytes.withUnsafeBytes { ChunkID(of: $0) }.description)
        #expect(found.code == 0 && found.output == bytes)
        let missing = try sample.reader.run("cat", String(repeating: "0", count: 64))
        #expect(missing.code == 1 && missing.output.isEmpty && missing.errorText.contains("no good copy"))
    }

    @Test("a repository that cuts like another is cut so by the reader too")
    func like() throws {
        let first = try Sample(.none)
        let second = try Sample(.keyFile, tierLike: first.store)
        var random = SplitMix64(seed: 16)
        let stream = random.bytes(400_000)
        try first.folder.write(stream, to: "stream")
        let cuts = try first.reader.cuts(of: first.folder.name("stream"))
        #expect(try second.reader.cuts(of: first.folder.name("stream")) == cuts)
        try second.write { session in
            let same = try second.stream(stream, into: session)
            #expect(same == cuts)
        }
    }

    @Test("a second key opens too; a wrong one does not, and says so")
    func keys() throws {
        let sample = try Sample(.password)
        let made = try KeyFileText.make()
        try sample.folder.write(made.text, to: "key")
        _ = try sample.store.addKey(made.credential, label: "another")
        try sample.write { try sample.put([1, 2, 3], into: $0) }
        try expectAgreement(sample)
        let withKey = IndependentReader(sample.reader.repository, key: ["--key-file", sample.folder.name("key")])
        #expect(try withKey.chunks() == sample.chunks)
        try sample.folder.write(KeyFileText.make().text, to: "wrong")
        for key in [["--key-file", sample.folder.name("wrong")], ["--password", "Þe stane by the"]] {
            let outcome = try IndependentReader(sample.reader.repository, key: key).run("verify")
            #expect(outcome.code == 1 && outcome.errorText == "error: no key opens with this password or key file\n")
        }
    }
}
