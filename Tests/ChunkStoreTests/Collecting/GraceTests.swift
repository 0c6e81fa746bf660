import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct GraceTests {
    /// A scene with a root that was forgotten two hours ago, and what it needs.
    private func scene(_ memory: MemoryStorage) throws -> (scene: PruneScene, root: String, chunks: [[UInt8]]) {
        var scene = try PruneScene(memory)
        let chunks = [scene.chunk(3_000)]
        let root = try scene.commit("root", chunks)
        try scene.store.forgetRoot(root)
        let name = try #require(try memory.names(below: "forgotten").first)
        try memory.rename(name, to: "forgotten/\(Machine.seconds - 7_200)-\(root)")
        return (scene, root, chunks)
    }

    private static func endAfterAnHour(_ request: inout PruneRequest) {
        request.maxUnused = .bytes(0)
        request.graceSeconds = 3_600
    }

    @Test("a root that comes back while prune runs and is forgotten anew has all of its new grace, whenever that is")
    func forgottenAnew() throws {
        enum Ending { case inTime, tooLate }
        var endings: [Ending] = []
        while true {
            let memory = MemoryStorage()
            let (scene, root, chunks) = try scene(memory)
            let seen = Monitor<Ending?>(nil)
            let store = scene.store
            let meanwhile: @Sendable () throws -> Void = {
                do throws(StoreError) {
                    try store.bringBackRoot(root)
                    try store.forgetRoot(root)
                    seen.withLock { $0 = .inTime }
                } catch {
                    #expect(error.code == .missing)
                    seen.withLock { $0 = .tooLate }
                }
            }
            let restless = RestlessStorage(memory, onList: Array(repeating: {}, count: endings.count) + [meanwhile])
            var request = PruneRequest()
            Self.endAfterAnHour(&request)
            let outcome = try openStore(restless).prune(request, reach: PruneScene.reach)
            guard let ending = seen.withLock({ $0 }) else { break }
            endings.append(ending)
            #expect(outcome.endedRoots == (ending == .inTime ? 0 : 1), "list \(endings.count)")
            try scene.prune {
                Self.endAfterAnHour(&$0)
                $0.isGraceOver = false
            }
            #expect(try memory.names(below: "forgotten").count == (ending == .inTime ? 1 : 0), "list \(endings.count)")
            #expect(try scene.holds(chunks) == (ending == .inTime), "list \(endings.count)")
        }
        #expect(endings.contains(.inTime) && endings.contains(.tooLate))
    }

    @Test("of a root that was forgotten under several names the latest counts, and all end with it")
    func severalNames() throws {
        let memory = MemoryStorage()
        let (scene, root, chunks) = try scene(memory)
        let old = try #require(try memory.names(below: "forgotten").first)
        let new = "forgotten/\(Machine.seconds - 60)-\(root)"
        try memory.write(memory.file(old), as: new, temporaryName: "tmp/x")
        func prune(after seconds: Int64) throws -> Int {
            try scene.prune {
                $0.isGraceOver = false
                $0.graceSeconds = seconds
            }.endedRoots
        }
        #expect(try prune(after: 3_600) == 0)
        #expect(try memory.names(below: "forgotten").sorted() == [old, new] && scene.holds(chunks))
        #expect(try prune(after: 30) == 1)
        #expect(try memory.names(below: "forgotten").isEmpty)
        #expect(try scene.stored(chunks) == 0)
    }
}
