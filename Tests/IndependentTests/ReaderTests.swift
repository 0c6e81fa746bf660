// The independent reader's own tests: repositories that the library would never write; and what the library
// makes of them.
import ChildProcess
import ChunkStore
import Independent
import Posix
import Storage
import TestSupport
import Testing

@Suite(
    "The independent reader", .enabled(if: IndependentReader.isExpected, Comment(rawValue: IndependentReader.isMissing))
)
struct ReaderTests {
    @Test("the library reads what an independent writer wrote, delta blocks included", arguments: [false, true])
    func otherDirection(_ isSealed: Bool) throws {
        let folder = try TemporaryFolder()
        let reader = try IndependentReader.writeAllCodecs(to: folder.path.string, isSealed: isSealed)
        let key = isSealed ? [try #require(KeyFileText.parse(try folder.read("key.txt")))] : []
        let store = try Store.open(LocalDirectory(folder.path), credentials: key, options: .small(cache: nil))
        #expect(store.warnings.isEmpty)
        let listed = try reader.list()
        #expect(Set(listed.map(\.codec)) == [0, 1, 2])
        let chunks = try store.reader()
        defer { chunks.close() }
        for (id, bytes) in try reader.chunks() {
            #expect(try chunks.get(#require(ChunkID(hex: id))) == bytes)
        }
        let root = try #require(try store.root(named: Array("root".utf8)))
        #expect(root.references.count == 3 && root.payload == Array("hello".utf8))
        for reference in root.references { #expect(try chunks.contains(reference.id)) }
    }

    @Test("the reader passes its own tests: delta blocks, hostile frames, limits")
    func own() throws {
        let outcome = try IndependentReader.runOwnTests()
        #expect(outcome.code == 0, "\(outcome.errorText)")
        #expect(outcome.errorText.contains("\nOK\n"))
    }
}
