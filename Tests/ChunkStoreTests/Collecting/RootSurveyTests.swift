import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct RootSurveyTests {
    /// Forgets or brings back a root each time a folder of roots has been listed.
    private final class Restless: Storage {
        private let inner: any Storage
        private let moves: Monitor<[(from: String, to: String)]>

        init(_ inner: any Storage, _ moves: [(from: String, to: String)]) {
            self.inner = inner
            self.moves = Monitor(moves)
        }

        var location: String { inner.location }
        var isLocal: Bool { true }
        func list(_ folder: String, recursive: Bool) throws(StorageError) -> [StoredFile] {
            let found = try inner.list(folder, recursive: recursive)
            let move = moves.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let move { try inner.rename(move.from, to: move.to) }
            return found
        }
        func exists(_ name: String) throws(StorageError) -> Bool { try inner.exists(name) }
        func size(of name: String) throws(StorageError) -> UInt64 { try inner.size(of: name) }
        func modified(_ name: String) throws(StorageError) -> Int64 { try inner.modified(name) }
        func identity(of name: String) throws(StorageError) -> String { try inner.identity(of: name) }
        func read(_ name: String, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) {
            try inner.read(name, at: offset, into: buffer)
        }
        func upload(_ name: String) throws(StorageError) -> any Upload { try inner.upload(name) }
        func append(_ bytes: [UInt8], to name: String) throws(StorageError) { try inner.append(bytes, to: name) }
        func rename(_ name: String, to newName: String) throws(StorageError) { try inner.rename(name, to: newName) }
        func remove(_ name: String) throws(StorageError) { try inner.remove(name) }
        func synchronize(_ folder: String) throws(StorageError) { try inner.synchronize(folder) }
        func lock(_ name: String, create: Bool) throws(StorageError) -> (any StorageLock)? {
            try inner.lock(name, create: create)
        }
        func freeBytes() -> UInt64? { inner.freeBytes() }
    }

    @Test(
        "a root that moves between the two folders while they are listed is seen, whichever way it goes",
        arguments: 0..<4)
    func moving(moves: Int) throws {
        let memory = MemoryStorage()
        var scene = try PruneScene(memory)
        let root = try scene.commit("root", [scene.chunk()])
        let (kept, forgotten) = ("manifests/\(root)", "forgotten/1000-\(root)")
        if !moves.isMultiple(of: 2) { try memory.rename(kept, to: forgotten) }
        let path = (0..<moves).map { number in
            (number + moves).isMultiple(of: 2) ? (from: kept, to: forgotten) : (from: forgotten, to: kept)
        }
        let store = try openStore(Restless(memory, path))
        let survey = try RootSurvey(store.repository)
        #expect(survey.ids == [root])
        let isForgotten = memory.exists(forgotten)
        #expect((survey.items.first?.forgotten != nil) == isForgotten)
    }
}
