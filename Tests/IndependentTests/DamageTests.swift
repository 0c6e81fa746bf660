// One wrong byte anywhere: the independent reader finds it, names the file, and goes on with the rest.
import ChildProcess
import ChunkStore
import Independent
import TestSupport
import Testing

@Suite(
    "Damage, as the independent reader sees it",
    .enabled(if: IndependentReader.isExpected, Comment(rawValue: IndependentReader.isMissing)))
struct DamageTests {
    /// Two packs and two roots.
    private func sample(_ lock: Lock) throws -> Sample {
        let sample = try Sample(lock)
        var random = SplitMix64(seed: 21)
        for name in ["one", "two"] {
            try sample.write { session in
                let data = try sample.put(random.bytes(3000), into: session)
                try sample.put(random.text(2000), as: .tree, into: session)
                try session.commit(Array(name.utf8), references: [data])
            }
        }
        return sample
    }

    /// What the reader says of the whole repository; it must not find all well.
    private func complaints(_ sample: Sample) throws -> String {
        let outcome = try sample.reader.run("verify")
        #expect(outcome.code == 1)
        #expect(!outcome.errorText.contains("Traceback"), "\(outcome.errorText)")
        return outcome.errorText
    }

    private func number(_ bytes: [UInt8], at offset: Int, width: Int) -> Int {
        bytes[offset..<(offset + width)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    @Test(
        "a changed byte in any region of a pack is found and named, and the other pack still read",
        arguments: [Lock.none, .keyFile])
    func pack(_ lock: Lock) throws {
        let sample = try sample(lock)
        let file = try #require(try sample.files(below: "packs/t").first)
        let bytes = try sample.read(file)
        let directory = number(bytes, at: bytes.count - 40, width: 8)
        let length = number(bytes, at: bytes.count - 32, width: 4)
        let wrongName = "the name is not the file's SHA-256"
        var regions: [(String, Int, String)] = [
            ("magic", 0, "the magic is not CAIRNPAK"), ("version", 8, "format version"), ("envelope", 10, "envelope"),
            ("kind", 11, "kind"), ("extension", 12, "extension"), ("salt", 16, "checksum is wrong"),
            ("first block", 48, "block 0"), ("second block", directory - (lock == .none ? 1 : 700), "block 1"),
            ("directory", directory, "directory's checksum is wrong"),
            ("directory's end", directory + length - 1, "directory's checksum is wrong"),
            ("directory's offset", bytes.count - 40, "directory does not end"),
            ("directory's length", bytes.count - 32, "directory does not end"),
            ("zero", bytes.count - 28, "checksum is wrong"), ("checksum", bytes.count - 24, "checksum is wrong"),
            ("last magic", bytes.count - 8, "CAIRNEND"),
        ]
        let blocks = try sample.reader.run("list").outputText.split(separator: "\n").filter {
            $0.hasPrefix("  block 1 at")
        }
        let second = try #require(blocks.first).split { $0 == " " || $0 == ":" }
        regions[7].1 = try #require(Int(second[3]))
        if lock != .none { regions.append(("filler", directory - 1, wrongName)) }
        for (region, offset, complaint) in regions {
            try sample.whileFlipped(file, at: offset) {
                let said = try complaints(sample)
                #expect(said.contains("damaged: \(file), at "), "\(region)")
                #expect(said.contains(complaint), "\(region): \(said)")
            }
        }
        #expect(try sample.reader.chunks() == sample.chunks)
    }

    @Test("a changed byte in one copy of a record is found, named, and does no harm", arguments: [Lock.none, .keyFile])
    func records(_ lock: Lock) throws {
        let sample = try sample(lock)
        let manifest = try #require(try sample.files(below: "manifests").first)
        let key = lock == .none ? [] : try sample.files(below: "keys")
        for file in ["config", manifest] + key {
            let half = try sample.read(file).count / 2
            for offset in [0, 8, 10, 60] {
                for (start, copy) in [(0, "first copy"), (half, "second copy")] {
                    try sample.whileFlipped(file, at: start + offset) {
                        let said = try complaints(sample)
                        #expect(said.hasPrefix("damaged: \(file), at "))
                        #expect(said.contains("(\(copy); the other one is good)"), "\(said)")
                        #expect(said.split(separator: "\n").count == 1)
                        try expectLibraryReads(sample, finds: file)
                    }
                }
            }
            // Not even the zeros between the copies go unseen.
            try sample.whileFlipped(file, at: half - 1) {
                let said = try complaints(sample)
                #expect(said.contains("damaged: \(file), at \(half - 1): the file is not two equal copies"))
            }
        }
        #expect(try sample.reader.chunks() == sample.chunks)
    }

    /// The library, too, opens the repository and reads its roots, and says which file is damaged.
    private func expectLibraryReads(_ sample: Sample, finds file: String) throws {
        let store = try sample.open()
        let (roots, failures) = try store.roots()
        #expect(roots.count == 2 && failures.isEmpty)
        let warnings = store.warnings.compactMap(\.path)
        let halves = roots.filter(\.isHalfDamaged).map { "manifests/\($0.id)" }
        let keys =
            store.encryption == .none ? [] : try store.keys().keys.filter(\.isHalfDamaged).map { "keys/\($0.id)" }
        #expect((warnings + halves + keys).contains { $0.hasSuffix(file) }, "\(file)")
    }

    @Test("a manifest damaged in both copies is named, and the other one still read", arguments: [Lock.none, .keyFile])
    func bothCopies(_ lock: Lock) throws {
        let sample = try sample(lock)
        let file = try #require(try sample.files(below: "manifests").first)
        var bytes = try sample.read(file)
        for offset in [70, bytes.count / 2 + 70] { bytes[offset] ^= 1 }
        try sample.replace(file, with: bytes)
        let outcome = try sample.reader.run("roots")
        #expect(outcome.code == 1 && outcome.errorText.hasPrefix("damaged: \(file), at "))
        #expect(outcome.outputText.split(separator: "\n").filter { $0.hasPrefix("manifests/") }.count == 1)
    }

    @Test("a config damaged in both copies comes back from inside a key", arguments: [Lock.password, .keyFile])
    func configFromKey(_ lock: Lock) throws {
        let sample = try sample(lock)
        for config in [[UInt8](repeating: 0, count: 8192), []] {
            try sample.replace("config", with: config)
            #expect(try complaints(sample).contains("trying the copies inside the keys"))
            let outcome = try sample.reader.run("verify")
            #expect(outcome.outputText.hasPrefix("2 packs, 4 blocks, 4 chunks, "))
        }
    }

    @Test("a plain config beside keys is refused; so is a pack or manifest of another repository")
    func replaced() throws {
        let sealed = try sample(.keyFile)
        let plain = try sample(.none)
        let files = try plain.files(below: "packs") + plain.files(below: "manifests")
        for file in files { try sealed.replace(file, with: plain.read(file)) }
        let said = try complaints(sealed)
        for file in files { #expect(said.contains("damaged: \(file), at 10: the envelope is not the repository's")) }

        let other = try sample(.keyFile)
        let foreign = try #require(try other.files(below: "packs").first)
        try sealed.replace(foreign, with: other.read(foreign))
        #expect(try complaints(sealed).contains("damaged: \(foreign), at "))

        try sealed.replace("config", with: plain.read("config"))
        #expect(try complaints(sealed) == "error: config: not encrypted, yet there are keys: someone replaced it\n")
    }

    @Test("a pack that was cut off anywhere is named, and one under a wrong name still used")
    func cutOff() throws {
        let sample = try sample(.keyFile)
        let file = try #require(try sample.files(below: "packs").first)
        let bytes = try sample.read(file)
        for length in [0, 1, 47, 88, 500, bytes.count - 1] {
            try sample.replace(file, with: Array(bytes.prefix(length)))
            #expect(try complaints(sample).contains("damaged: \(file), at "))
        }
        try sample.replace(file, with: bytes)
        let name = file.dropLast(3) + (file.hasSuffix("000") ? "111" : "000")
        try sample.replace(String(name), with: bytes)
        let said = try complaints(sample)
        #expect(said.split(separator: "\n").count == 1)
        #expect(said.contains("damaged: \(name), at 0: the name is not the file's SHA-256"))
    }

    @Test("files under names of a wrong shape are ignored")
    func strangers() throws {
        let sample = try sample(.keyFile)
        let names = [
            "packs/d/xy/0", "packs/notes", "packs/t/00/readme", "manifests/README", "keys/mine.txt",
            "keys/" + String(repeating: "A", count: 32),
        ]
        for name in names { try sample.replace(name, with: [1, 2, 3]) }
        #expect(try sample.reader.chunks() == sample.chunks)
    }
}
