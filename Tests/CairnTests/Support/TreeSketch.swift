import ChunkStore
import Crypto
import Posix
import TestSupport

@testable import Cairn

/// A tree as a literal, which is stored without a file system.
///
/// ```swift
/// let old: TreeSketch = ["a": "text", "d": ["b": .file("more", mode: 0o600)], "l": .node(.symbolicLink(target: [97]))]
/// ```
struct TreeSketch: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
    enum Content {
        case file([UInt8], holes: [(UInt64, UInt64)])
        case directory([([UInt8], TreeSketch)])
        case node(TreeEntry.Node)
    }

    var content: Content
    var change: (inout TreeEntry) -> Void = { _ in }

    init(_ content: Content) { self.content = content }
    init(stringLiteral text: String) { content = .file(Array(text.utf8), holes: []) }
    init(dictionaryLiteral elements: (String, TreeSketch)...) {
        content = .directory(elements.map { (Array($0.utf8), $1) })
    }

    static func file(_ text: String) -> TreeSketch { TreeSketch(stringLiteral: text) }
    static func bytes(_ bytes: [UInt8], holes: [(UInt64, UInt64)] = []) -> TreeSketch {
        TreeSketch(.file(bytes, holes: holes))
    }
    static func node(_ node: TreeEntry.Node) -> TreeSketch { TreeSketch(.node(node)) }
    static func link(_ target: String) -> TreeSketch { .node(.symbolicLink(target: Array(target.utf8))) }
    static func directory(_ entries: [([UInt8], TreeSketch)]) -> TreeSketch { TreeSketch(.directory(entries)) }

    /// The same with other metadata.
    func with(_ change: @escaping (inout TreeEntry) -> Void) -> TreeSketch {
        var result = self
        let before = self.change
        result.change = {
            before(&$0)
            change(&$0)
        }
        return result
    }

    /// The entry of a name, all of it stored.
    func entry(_ name: [UInt8], in session: WriteSession) throws -> TreeEntry {
        let node: TreeEntry.Node
        switch content {
        case .node(let given): node = given
        case .file(let bytes, let holes):
            let list = holes.flatMap { hole in [hole.0, hole.1].flatMap { Self.bytes(of: $0) } }
            node = .file(
                size: UInt64(bytes.count), content: try Self.store(bytes, as: .data, session),
                digest: SHA256.digest(bytes), holes: list.isEmpty ? .empty : .inline(list))
        case .directory(let entries):
            // Each directory in a page of its own, however small, so that tests can take away or spoil one.
            var builder = DirectoryBuilder(inlineBytesMax: 0) { bytes, _ throws(CairnError) in
                do throws(StoreError) { return try session.put(bytes, as: .tree) } catch { throw CairnError(error) }
            }
            for (name, sketch) in entries.sorted(by: { $0.0.precedes($1.0) }) {
                let entry = try sketch.entry(name, in: session)
                try builder.append(entry, encoded: entry.encode())
            }
            let (content, digest) = try builder.finish()
            node = .directory(content: content, digest: digest)
        }
        var entry = TreeEntry(
            name: name, mode: node.code == 2 ? 0o755 : 0o644, userID: 1_000, groupID: 100,
            modified: FileTime(seconds: 1_700_000_000, nanoseconds: 123_456_789), node: node)
        change(&entry)
        return entry
    }

    private static func bytes(of number: UInt64) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }

    /// In chunks of at most 10,000 bytes, so that longer files have several.
    private static func store(_ bytes: [UInt8], as kind: ChunkKind, _ session: WriteSession) throws -> StoredContent {
        var builder = ContentBuilder { list, _ throws(CairnError) in
            do throws(StoreError) { return try session.put(list, as: .tree) } catch { throw CairnError(error) }
        }
        for start in stride(from: 0, to: bytes.count, by: 10_000) {
            let piece = Array(bytes[start..<min(bytes.count, start + 10_000)])
            try builder.append(ChunkReference(id: try session.put(piece, as: kind), length: UInt32(piece.count)))
        }
        return try builder.finish()
    }
}

private typealias StoredContent = Cairn.Content

/// A repository with trees in it.
struct SketchRepository {
    let repository: TestRepository
    let store: Store

    init(_ place: TestRepository.Place = .memory) throws {
        repository = try TestRepository(place)
        store = try repository.open()
    }

    /// Stores trees; returns the root chunk of each.
    func add(_ sketches: TreeSketch...) throws -> [ChunkID] {
        let session = try store.write(for: "test")
        defer { session.close() }
        var ids: [ChunkID] = []
        for sketch in sketches {
            let root = try sketch.entry(TreeEntry.rootName, in: session)
            ids.append(try session.put(root.encode(), as: .tree))
        }
        try session.flush()
        return ids
    }

    /// A reader, and the root entries of the trees.
    func read(_ sketches: TreeSketch...) throws -> (TreeReader, [TreeEntry]) {
        var ids: [ChunkID] = []
        for sketch in sketches { ids += try add(sketch) }
        let reader = TreeReader(try store.reader())
        return (reader, try ids.map { try reader.root($0) })
    }
}
