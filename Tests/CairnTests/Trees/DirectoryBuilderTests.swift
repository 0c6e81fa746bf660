import ChunkStore
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("How directories are stored")
struct DirectoryBuilderTests {
    private func entry(_ name: String) -> TreeEntry {
        TreeEntry(
            name: Array(name.utf8), mode: 0o644, userID: 1, groupID: 2,
            modified: FileTime(seconds: 1_700_000_000, nanoseconds: 5), node: .fifo)
    }

    /// The content of a directory of entries of equal length that takes so many bytes, and how many pages were stored for it.
    private func build(bytes: Int) throws -> (content: Content, pages: Int) {
        let pages = Pages()
        var builder = DirectoryBuilder { page, _ throws(CairnError) in
            pages.count += 1
            return Self.id(page)
        }
        let least = entry("00").encode().count
        let last = bytes % least
        for number in 0..<bytes / least {
            let isLast = number == bytes / least - 1
            let name = (number < 10 ? "0" : "") + "\(number)" + String(repeating: "x", count: isLast ? last : 0)
            try builder.append(entry(name), encoded: entry(name).encode())
        }
        return (try builder.finish().content, pages.count)
    }

    private final class Pages { var count = 0 }

    private static func id(_ page: [UInt8]) -> ChunkID { page.withUnsafeBytes { ChunkID(of: $0) } }

    @Test("a directory stands in its entry up to the bound, and in a page of its own from there on")
    func bound() throws {
        let (inside, none) = try build(bytes: DirectoryBuilder.inlineBytesMax)
        guard case .inline(let bytes) = inside else { return #expect(Bool(false), "\(inside)") }
        #expect(bytes.count == DirectoryBuilder.inlineBytesMax && none == 0)
        let (outside, one) = try build(bytes: DirectoryBuilder.inlineBytesMax + 1)
        guard case .chunks(let chunks) = outside else { return #expect(Bool(false), "\(outside)") }
        #expect(chunks.map(\.length) == [UInt32(DirectoryBuilder.inlineBytesMax + 1)] && one == 1)
    }

    @Test("an empty directory is empty, not inline")
    func empty() throws {
        var builder = DirectoryBuilder { page, _ throws(CairnError) in Self.id(page) }
        #expect(try builder.finish().content == Content.empty)
    }

    @Test("where a directory stands changes neither its digest nor what is read of it")
    func sameEitherWay() throws {
        let repository = try SketchRepository()
        let names: [([UInt8], TreeSketch)] = (0..<12).map { (Array("name-\($0)".utf8), .file("text \($0)")) }
        let (reader, trees) = try repository.read(.directory([(Array("d".utf8), .directory(names))]))
        var paged = reader.entries(of: try #require(try reader.entry(named: Array("d".utf8), in: trees[0])))
        var builder = DirectoryBuilder { page, _ throws(CairnError) in Self.id(page) }
        var read: [TreeEntry] = []
        while let entry = try paged.next() {
            read.append(entry)
            if read.count <= 6 { try builder.append(entry, encoded: entry.encode()) }
        }
        #expect(read.count == 12)
        let (content, digest) = try builder.finish()
        guard case .inline = content else { return #expect(Bool(false), "\(content)") }
        let expected = MerkleDigest.Directory()
        for entry in read.prefix(6) { expected.add(entry) }
        #expect(digest == expected.finish())
        var again = EntryCursor(content, reader: reader.chunks)
        for entry in read.prefix(6) { #expect(try again.next() == entry) }
        #expect(try again.next() == nil)
    }
}
