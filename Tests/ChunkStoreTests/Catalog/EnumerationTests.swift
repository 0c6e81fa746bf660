import TestSupport
import Testing

@testable import ChunkStore

@Suite("Enumerating chunks")
struct EnumerationTests {
    @Test(
        "every chunk comes once, in order, also where there are more than one portion, and the body may use the store")
    func portions() throws {
        let store = try TestRepository(.memory, encrypted: false).open()
        let session = try store.write(for: "test")
        var put: Set<ChunkID> = []
        for number in 0..<5_000 { put.insert(try session.put(withUnsafeBytes(of: number.littleEndian) { Array($0) })) }
        try session.flush()
        session.close()
        let reader = try store.reader()
        defer { reader.close() }
        var seen: [ChunkID] = []
        var failures = 0
        try store.forEachChunk { id, kind, length in
            seen.append(id)
            if seen.count.isMultiple(of: 1_000), (try? reader.get(id).count) != length || kind != .data {
                failures += 1
            }
        }
        #expect(seen == put.sorted() && failures == 0)
    }
}
