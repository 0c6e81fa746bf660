// What golden repositories hold, and how that is written down. The frozen cuts depend on the golden stream.
import ChunkStore
import TestSupport

/// The stream whose cuts are frozen: 2,500,000 bytes of SplitMix64 with seed 2 (the lowest byte of each number), but for zeros at
/// 400,000 ..< 500,000. It reaches into the profile's second tier, and the zeros are cut by the maximum alone.
func goldenStream() -> [UInt8] {
    var random = SplitMix64(seed: 2)
    var stream = (0..<2_500_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for index in 400_000..<500_000 { stream[index] = 0 }
    return stream
}

/// Puts data and trees in packs of their own, then a little of both into one pack; a root for each.
func putGoldenContent(into store: Store) throws {
    var random = SplitMix64(seed: 1)
    // Pages that are alike, so that blocks of a megabyte take little room.
    let page = random.text(8000)
    let pages = (0..<400).flatMap { Array("page \($0)\n".utf8) + page }

    let first = try store.write(for: "golden")
    var references: [RootReference] = []
    let stream = try first.stream { references.append(RootReference(kind: .data, id: $0.id)) }
    try stream.write(pages)
    try stream.finish()
    try first.flush()
    references.append(RootReference(kind: .data, id: try first.put(random.bytes(4000))))
    try first.flush()
    for _ in 0..<3 { references.append(RootReference(kind: .tree, id: try first.put(random.text(700), as: .tree))) }
    try first.commit(Array("first".utf8), references: references, payload: Array("{\"what\": \"the first root\"}".utf8))
    first.close()

    let second = try store.write(for: "golden")
    let data = [try second.put([]), try second.put(random.bytes(300))]
    let tree = try second.put(random.text(400), as: .tree)
    let dataReferences = data.map { RootReference(kind: .data, id: $0) }
    try second.commit(
        [0x00, 0xFF, 0x25], references: dataReferences + [RootReference(kind: .tree, id: tree)],
        payload: random.bytes(500))
    second.close()
}

/// All chunks and roots, a line for each; every chunk is read and proved.
func contents(of store: Store) throws -> [String] {
    var chunks: [(ChunkID, ChunkKind, Int)] = []
    try store.forEachChunk { chunks.append(($0, $1, $2)) }
    let reader = try store.reader()
    defer { reader.close() }
    var lines: Set<String> = []
    for (id, kind, length) in chunks {
        let bytes = try reader.get(id)
        guard bytes.count == length, bytes.withUnsafeBytes({ ChunkID(of: $0) }) == id else { continue }
        lines.insert("\(kind) \(id) \(length)")
    }
    let (roots, failures) = try store.roots()
    let rootLines = roots.map { root in
        let references = root.references.map { "\($0.kind) \($0.id)\n" }.joined()
        return
            "root \(root.id) \(root.written) \(hash(root.name)) \(hash(Array(references.utf8))) \(hash(root.payload))"
    }
    return lines.sorted() + rootLines + failures.map(\.description)
}

private func hash(_ bytes: [UInt8]) -> ChunkID { bytes.withUnsafeBytes { ChunkID(of: $0) } }

/// Where a store cuts the golden stream, a line for each chunk.
func cuts(in store: Store) throws -> [String] {
    let session = try store.write(for: "golden")
    defer { session.close() }
    var lines: [String] = []
    var offset = 0
    let stream = try session.stream { chunk in
        lines.append("cut \(offset) \(chunk.length) \(chunk.id)")
        offset += Int(chunk.length)
    }
    try stream.write(goldenStream())
    try stream.finish()
    return lines
}
