import Crypto
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Keys of the journal")
struct FolderKeyTests {
    private static func name(_ text: String) -> [UInt8] { Array((text + String(repeating: "x", count: 90)).utf8) }

    /// The keys of a folder and of so many inside one another.
    private static func chain(_ count: Int, below key: FolderKey = .root) -> [FolderKey] {
        (0..<count).reduce(into: [key]) { keys, level in keys.append(keys[level].child(name("\(level)"))) }
    }

    @Test("a key is the folder's path as long as that is short, and is never long")
    func length() {
        let keys = Self.chain(2_000)
        #expect(keys[1].bytes == [UInt8(ascii: "/")] + Self.name("0"))
        #expect(keys[2].bytes == keys[1].bytes + [UInt8(ascii: "/")] + Self.name("1"))
        #expect(keys[9].bytes.count == 9 * 92 && !keys[9].hasDigest)
        #expect(keys[12...].allSatisfy { $0.hasDigest && $0.bytes.count <= FolderKey.pathBytesMax + 34 })
    }

    @Test("what begins a key with a digest is the key of a folder above it")
    func beginnings() throws {
        let keys = Self.chain(100)
        let last = try #require(keys.last { !$0.hasDigest })
        for key in keys where key.hasDigest { #expect(key.bytes.starts(with: last.bytes + [UInt8(ascii: "/"), 0])) }
    }

    @Test("folders of different paths have different keys")
    func differ() {
        let deep = Self.chain(30)
        var keys = Set(deep.map(\.bytes))
        for folder in deep {
            keys.insert(folder.child([UInt8(ascii: "a")]).bytes)
            keys.insert(folder.child([UInt8(ascii: "a")]).child([UInt8(ascii: "b")]).bytes)
            keys.insert(folder.child(Array("ab".utf8)).bytes)
        }
        #expect(keys.count == 31 * 4)
    }

    // MARK: Forgetting

    private static func folderItem(_ name: [UInt8]) -> JournalItem {
        JournalItem(
            TreeEntry(
                name: name, mode: 0o755, userID: 0, groupID: 0, modified: FileTime(seconds: 1, nanoseconds: 0),
                node: .directory(content: .empty, digest: SHA256.digest([]))), isTrusted: true)
    }

    /// A journal of forty folders, one inside another, each with an empty one beside the next.
    private func journal(_ folder: TemporaryFolder) throws -> (Journal, [FolderKey]) {
        let journal = try #require(try Journal.open(in: folder.path, host: "host", paths: ["/source"]))
        let keys = Self.chain(40)
        for (level, key) in keys.enumerated() {
            let next = level < 40 ? [Self.folderItem(Self.name("\(level)"))] : []
            let items = next + [Self.folderItem(Array("zz".utf8))]
            try journal.replace(key.bytes, pages: [items.flatMap(\.bytes)], after: 0)
            try journal.replace(key.child(Array("zz".utf8)).bytes, pages: [[]], after: 0)
        }
        return (journal, keys)
    }

    private func isKnown(_ key: FolderKey, _ journal: Journal) throws -> Bool {
        try journal.pageIfThere(0, of: key.bytes) != nil
    }

    @Test(
        "forgetting a folder forgets all below it and nothing else, however deep it lies",
        arguments: [1, 3, 11, 12, 30, 40])
    func forget(_ level: Int) throws {
        let folder = try TemporaryFolder()
        let (journal, keys) = try journal(folder)
        try journal.forget(keys[level])
        for (other, key) in keys.enumerated() {
            #expect(try isKnown(key, journal) == (other < level), "\(other)")
            #expect(try isKnown(key.child(Array("zz".utf8)), journal) == (other < level), "\(other)")
        }
    }

    @Test("a journal without the pages of a folder that is to be forgotten is damaged")
    func torn() throws {
        let folder = try TemporaryFolder()
        let (journal, keys) = try journal(folder)
        try journal.forget(keys[35])
        #expect(!journal.isDamaged)
        #expect(throws: CairnError.self) { try journal.forget(keys[30]) }
        #expect(journal.isDamaged)
    }
}
