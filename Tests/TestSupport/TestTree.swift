public import ChunkStore
internal import Crypto

/// A chunk that names other chunks, as simple as can be, so that a check can follow it.
public enum TestTree {
    private static let opening = Array("test tree\n".utf8)

    /// The bytes of a chunk that names these.
    public static func encode(_ references: [RootReference]) -> [UInt8] {
        references.reduce(into: opening) { bytes, reference in
            bytes.append(reference.kind.rawValue)
            bytes += reference.id.digest.bytes
        }
    }

    /// What a chunk names; nil if it is no test tree.
    public static func decode(_ bytes: [UInt8]) -> [RootReference]? {
        let rest = bytes.dropFirst(opening.count)
        guard bytes.starts(with: opening), rest.count.isMultiple(of: 33) else { return nil }
        var references: [RootReference] = []
        for start in stride(from: rest.startIndex, to: rest.endIndex, by: 33) {
            guard let kind = ChunkKind(rawValue: rest[start]),
                let digest = SHA256Digest(Array(rest[start + 1..<start + 33]))
            else { return nil }
            references.append(RootReference(kind: kind, id: ChunkID(digest)))
        }
        return references
    }
}

extension TestTree {
    /// The id of a chunk of these bytes.
    public static func id(of bytes: [UInt8]) -> ChunkID { ChunkID(SHA256.digest(bytes)) }

    /// Tells marks what a root needs.
    public static func reach(_ root: Root, _ marks: Marks) throws(StoreError) {
        var waiting = root.references
        while let reference = waiting.popLast() {
            guard try marks.need(reference.id, reference.kind), reference.kind == .tree else { continue }
            waiting += decode(try marks.reader.get(reference.id)) ?? []
        }
    }
}
