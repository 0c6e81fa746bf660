import Bytes
import ChunkStore
import Crypto
import TestSupport
import Posix
import Testing

@testable import Cairn

@Suite("Entries of trees")
struct TreeEntryTests {
    @Test("an entry is read as it was written", arguments: 0..<200)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let entry = TreeEntry.random(&random, name: Array("name \(seed)".utf8))
        #expect(try TreeEntry.decodePage(entry.encode()) == [entry])
    }

    @Test("a page holds entries in ascending order of their names, and no name twice")
    func order() throws {
        var random = SplitMix64(seed: 1)
        let entries = ["a", "a.b", "ab", "b", "ß"].map { TreeEntry.random(&random, name: Array($0.utf8)) }
        #expect(try TreeEntry.decodePage(entries.flatMap { $0.encode() }) == entries)
        #expect(throws: MalformedBytes.self) {
            try TreeEntry.decodePage((entries + [entries[4]]).flatMap { $0.encode() })
        }
        #expect(throws: MalformedBytes.self) { try TreeEntry.decodePage(entries.reversed().flatMap { $0.encode() }) }
    }

    @Test("names that would lead out of a directory are refused", arguments: ["/", "a/b", ".", "..", "a\0"])
    func names(name: String) {
        var random = SplitMix64(seed: 2)
        let entry = TreeEntry.random(&random, name: Array(name.utf8))
        #expect(throws: MalformedBytes.self) { try TreeEntry.decodePage(entry.encode()) }
    }

    @Test("a page that ends too early is refused at every length")
    func truncation() throws {
        for seed in 0..<20 {
            var random = SplitMix64(seed: UInt64(seed))
            let bytes = TreeEntry.random(&random, name: [1]).encode()
            for length in 1..<bytes.count {
                #expect(throws: MalformedBytes.self) { try TreeEntry.decodePage(Array(bytes[..<length])) }
            }
        }
    }

    @Test("changed bytes are refused or read as another entry that would be written so")
    func mutation() throws {
        for seed in 0..<2_000 {
            var random = SplitMix64(seed: UInt64(seed))
            var bytes = TreeEntry.random(&random, name: [1, 2, 3]).encode()
            bytes[random.number(below: bytes.count)] ^= UInt8(1 << random.number(below: 8))
            guard let entries = try? TreeEntry.decodePage(bytes) else { continue }
            #expect(entries.count == 1)
            #expect(try TreeEntry.decodePage(entries[0].encode()) == entries)
        }
    }

    @Test("bytes behind the known fields of an entry are passed over")
    func extensions() throws {
        var random = SplitMix64(seed: 3)
        let entry = TreeEntry.random(&random, name: [7])
        var bytes = entry.encode() + [1, 2, 3]
        bytes.replaceSubrange(0..<4, with: withUnsafeBytes(of: UInt32(bytes.count - 4).littleEndian) { Array($0) })
        #expect(try TreeEntry.decodePage(bytes) == [entry])
    }

    @Test("only a directory named / is the root of a tree")
    func root() throws {
        var root = TreeEntry(
            name: TreeEntry.rootName, mode: 0o755, userID: 0, groupID: 0,
            modified: FileTime(seconds: 0, nanoseconds: 0),
            node: .directory(content: .empty, digest: SHA256.digest([])))
        #expect(try TreeEntry.decodeRoot(root.encode()) == root)
        #expect(throws: MalformedBytes.self) { try TreeEntry.decodeRoot(root.encode() + root.encode()) }
        root.name = [65]
        #expect(throws: MalformedBytes.self) { try TreeEntry.decodeRoot(root.encode()) }
        root.name = TreeEntry.rootName
        root.node = .fifo
        #expect(throws: MalformedBytes.self) { try TreeEntry.decodeRoot(root.encode()) }
    }

    @Test("lists of chunks and of lists are read as they were written; broken ones are refused")
    func lists() throws {
        let chunks = (0..<100).map { ChunkReference(id: ChunkID(SHA256.digest([UInt8($0)])), length: UInt32($0)) }
        #expect(try Content.chunks(inList: Content.encodeList(chunks)) == chunks)
        let lists = chunks.map { Content.ListReference(id: $0.id, byteCount: UInt64($0.length) << 40) }
        #expect(try Content.lists(inList: Content.encodeList(lists)) == lists)
        #expect(throws: MalformedBytes.self) { try Content.chunks(inList: []) }
        #expect(throws: MalformedBytes.self) { try Content.chunks(inList: Content.encodeList(chunks).dropLast()) }
        #expect(throws: MalformedBytes.self) { try Content.lists(inList: [UInt8](repeating: 0, count: 40 * 4_097)) }
    }
}

extension TreeEntry {
    /// An entry of any kind with any values that the format allows.
    static func random(_ random: inout SplitMix64, name: [UInt8]) -> TreeEntry {
        let number = UInt32(random.number(below: 4_096))
        let nodes: [Node] = [
            randomFile(&random), .directory(content: randomContent(&random), digest: SHA256.digest(random.bytes(8))),
            .symbolicLink(target: random.bytes(9)), .fifo, .socket, .characterDevice(major: number, minor: 7),
            .blockDevice(major: 8, minor: number),
        ]
        var entry = TreeEntry(
            name: name, mode: number, userID: UInt32.max - number, groupID: number,
            modified: FileTime(seconds: Int64(number) - 2_000, nanoseconds: number * 200_000),
            node: nodes[random.number(below: nodes.count)])
        if random.number(below: 2) == 0 { (entry.userName, entry.groupName) = (random.bytes(5), random.bytes(255)) }
        if entry.node.code != 2, random.number(below: 3) == 0 { entry.linkGroup = UInt64(number) }
        if random.number(below: 2) == 0 {
            for name in ["system.posix_acl_access", "user.a", "user.b"] {
                let value = random.bytes(random.number(below: 40))
                entry.attributes.append(ExtendedAttribute(name: Array(name.utf8), value: value))
            }
        }
        return entry
    }

    private static func randomFile(_ random: inout SplitMix64) -> Node {
        let content = randomContent(&random)
        let digest: SHA256Digest
        switch content {
        case .empty: digest = SHA256.digest([])
        case .chunks(let chunks) where chunks.count == 1: digest = chunks[0].id.digest
        default: digest = SHA256.digest(random.bytes(8))
        }
        let holes: Content = random.number(below: 3) == 0 ? .inline(random.bytes(16)) : .empty
        return .file(size: content.byteCount!, content: content, digest: digest, holes: holes)
    }

    private static func randomContent(_ random: inout SplitMix64) -> Content {
        func id() -> ChunkID { ChunkID(SHA256.digest(random.bytes(8))) }
        switch random.number(below: 5) {
        case 0: return .empty
        case 1: return .inline(random.bytes(random.number(below: 100) + 1))
        case 2: return .chunks([ChunkReference(id: id(), length: 5)])
        case 3:
            return .chunks((0...random.number(below: 63)).map { ChunkReference(id: id(), length: UInt32($0) << 10) })
        default:
            let depth = random.number(below: 4) + 1
            return .lists(
                depth: depth, (0...random.number(below: 9)).map { .init(id: id(), byteCount: UInt64($0) << 30) })
        }
    }
}
