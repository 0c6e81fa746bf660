import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct RootSurveyTests {
    @Test(
        "a root that moves between the two folders while they are listed is seen, whichever way it goes",
        arguments: 0..<3)
    func moving(moves: Int) throws {
        let memory = MemoryStorage()
        var scene = try PruneScene(memory)
        let root = try scene.commit("root", [scene.chunk()])
        let (kept, forgotten) = ("manifests/\(root)", "forgotten/1000-\(root)")
        if !moves.isMultiple(of: 2) { try memory.rename(kept, to: forgotten) }
        let path = (0..<moves).map { number -> @Sendable () throws -> Void in
            let goes = (number + moves).isMultiple(of: 2)
            return { try memory.rename(goes ? kept : forgotten, to: goes ? forgotten : kept) }
        }
        let restless = RestlessStorage(memory)
        let store = try openStore(restless)
        restless.happens(onList: path)
        let survey = try RootSurvey(store.repository)
        #expect(survey.ids == [root])
        let isForgotten = memory.exists(forgotten)
        #expect((survey.items.first?.forgotten != nil) == isForgotten)
    }

    @Test("a root that moves there and back each time may be missed, and what only it needs comes back before it goes")
    func missed() throws {
        var missed = 0
        for lists in 0... {
            let memory = MemoryStorage()
            var scene = try PruneScene(memory)
            let chunks = [scene.chunk(3_000)]
            // With none at all a prune does nothing.
            try scene.commit("other", [scene.chunk(3_000)])
            let root = try scene.commit("root", chunks)
            try scene.store.forgetRoot(root)
            let (kept, forgotten) = ("manifests/\(root)", try #require(try memory.names(below: "forgotten").first))
            let moves = Monitor(0)
            let moving = (0..<3).map { number -> @Sendable () throws -> Void in
                {
                    try memory.rename(
                        number == 1 ? kept : forgotten, to: number == 1 ? forgotten : kept)
                    moves.withLock { $0 += 1 }
                }
            }
            let restless = RestlessStorage(memory)
            let store = try openStore(restless)
            restless.happens(onList: Array(repeating: {}, count: lists) + moving)
            var request = PruneRequest()
            request.maxUnused = .bytes(0)
            missed += try store.prune(request, reach: PruneScene.reach).rescued.packs
            #expect(try scene.holds(chunks), "list \(lists)")
            guard moves.withLock({ $0 }) > 0 else { break }
        }
        #expect(missed > 0)
    }

    @Test("a root whose place another takes while they are listed is there all the time, as the one or the other")
    func replaced() throws {
        let memory = MemoryStorage()
        var scene = try PruneScene(memory)
        let root = try scene.commit("root", [scene.chunk()])
        let old = try #require(try scene.store.roots().roots.first)
        let (store, references) = (scene.store, old.references)
        let restless = RestlessStorage(memory)
        let repository = try openStore(restless).repository
        restless.happens(onList: [{ try store.commit(Array("root".utf8), references: references, replacing: root) }])
        let (roots, failures) = try Roots(repository).all()
        #expect(roots.map(\.name) == [Array("root".utf8)] && roots.first?.id != root && failures.isEmpty)
    }
}
