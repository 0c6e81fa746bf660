import Bytes
import Crypto
import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct PackTests {
    @Test("a small session becomes one pack: among the trees if it has any, else among the data")
    func small() throws {
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        try session.put([1])
        try session.put([2], as: .tree)
        try session.flush()
        try session.put([3])
        try session.flush()
        try session.put([4], as: .tree)
        try session.flush()
        let kinds = try store.directories().map { ($0.name.folder, $0.directory.blocks.map(\.kind)) }
        #expect(kinds.count == 3)
        #expect(kinds.contains { $0.0 == .trees && Set($0.1) == [.data, .tree] })
        #expect(kinds.contains { $0.0 == .data && $0.1 == [.data] })
        #expect(kinds.contains { $0.0 == .trees && $0.1 == [.tree] })
    }

    @Test("a larger session keeps trees and data in packs of their own")
    func large() throws {
        var random = SplitMix64(seed: 80)
        let store = try makeStore()
        let session = try store.write(for: "test")
        defer { session.close() }
        for _ in 0..<8 {
            try session.put(random.bytes(1_000_000))
            try session.put(random.bytes(10_000), as: .tree)
        }
        try session.flush()
        let directories = try store.directories()
        #expect(directories.map(\.name.folder) == [.data, .trees])
        for (name, _, directory) in directories {
            #expect(directory.blocks.allSatisfy { $0.kind == (name.folder == .trees ? .tree : .data) })
        }
    }

    @Test(
        "a pack's name is the SHA-256 of its bytes, and its padded length tells little",
        arguments: EncryptionMode.allCases)
    func nameAndLength(mode: EncryptionMode) throws {
        var random = SplitMix64(seed: 81)
        let storage = MemoryStorage()
        let store = try makeStore(storage, mode: mode)
        for _ in 0..<12 { try store.put([random.bytes(random.number(0...60_000))]) }
        for (name, bytes, directory) in try store.directories() {
            let file = try storage.file(name.path)
            #expect(SHA256.digest(file) == name.id)
            if mode == .none {
                let outside = 48 + 40 + directory.encoded(padded: false).count
                #expect(UInt64(outside) + directory.storedBytes == bytes)
            } else {
                #expect(padme(file.count) == file.count)
            }
        }
    }

    @Test("the same content never makes the same salt or name twice", arguments: EncryptionMode.allCases)
    func salts(mode: EncryptionMode) throws {
        let storage = MemoryStorage()
        let store = try makeStore(storage, mode: mode)
        var salts: Set<[UInt8]> = []
        var names: Set<PackName> = []
        for _ in 0..<10 {
            for name in try storage.packs() { try storage.remove(name.path) }
            try store.put([[1, 2, 3]])
            let new = try #require(try storage.packs().first)
            names.insert(new)
            salts.insert(Array(try storage.file(new.path)[16..<48]))
        }
        #expect(salts.count == 10 && names.count == 10)
    }

    @Test("in an encrypted repository no id, no name and no content can be found in any file")
    func nothingShows() throws {
        let storage = MemoryStorage()
        let store = try makeStore(storage)
        let text = Array("a text that nobody else may read".utf8)
        let session = try store.write(for: "test")
        let id = try session.put(text)
        try session.commit(Array("a telling name".utf8), references: [RootReference(kind: .data, id: id)])
        session.close()
        for name in try storage.names(below: "") {
            let file = Hex.encode(try storage.file(name))
            for secret in [text, Array("telling".utf8), id.digest.bytes] {
                #expect(!file.contains(Hex.encode(secret)), "\(name)")
            }
        }
    }

    @Test("packs are closed near their target, where the padding costs least", arguments: EncryptionMode.allCases)
    func target(mode: EncryptionMode) throws {
        var random = SplitMix64(seed: 82)
        let repository = try makeStore(mode: mode).repository
        let target = 4 << 20
        var totals: [(bytes: Int, stored: Int)] = []
        let shelf = BufferShelf(bufferBytes: 64 << 10, kept: 2)
        let assembler = PackAssembler(
            repository, lease: try Lease(for: "test", in: repository.storage), targetBytes: target, shelf: shelf
        ) { job in
            do {
                switch job {
                case .block(let stored, let writer): try writer.write(stored.bytes)
                case .close(let end, let directory, let writer):
                    let pack = try writer.finish(end, directory: directory)
                    totals.append((Int(pack.byteCount), Int(directory.storedBytes)))
                }
            } catch { Issue.record(error) }
        }
        for _ in 0..<700 {
            let bytes = random.bytes(random.number(20_000...60_000))
            let buffer = bytes.withUnsafeBytes { Buffer(copying: $0) }
            try assembler.add(
                PackedBlock(
                    kind: .data, codec: .stored, plainBytes: bytes.count,
                    chunks: [ChunkReference(id: ChunkID(of: bytes), length: UInt32(bytes.count))], content: buffer))
        }
        try assembler.finish()
        #expect(totals.count >= 6)
        for total in totals.dropLast() {
            #expect(total.bytes >= target / 4 * 3 && total.bytes <= target + 140_000, "\(total)")
            #expect(total.bytes - total.stored <= target / 128, "\(total)")
        }
    }

    @Test("a pack of very many chunks is closed before its directory gets large")
    func manyChunks() throws {
        let store = try makeStore(mode: .none)
        let session = try store.write(for: "test")
        defer { session.close() }
        for number in 0..<(80_000 as UInt32) {
            try session.put(
                [UInt8](repeating: 0, count: 2) + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
        }
        try session.flush()
        let counts = try store.directories().map(\.directory.chunkCount)
        #expect(counts.count == 2 && counts.reduce(0, +) == 80_000, "\(counts)")
    }
}
