import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

@Suite struct RootSurveyTests {
    @Test(
        "a root that moves between the two folders while they are listed is seen, whichever way it goes",
        arguments: 0..<4)
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
        let store = try openStore(RestlessStorage(memory, onList: path))
        let survey = try RootSurvey(store.repository)
        #expect(survey.ids == [root])
        let isForgotten = memory.exists(forgotten)
        #expect((survey.items.first?.forgotten != nil) == isForgotten)
    }

    @Test("a root whose place another takes while they are listed is there all the time, as the one or the other")
    func replaced() throws {
        let memory = MemoryStorage()
        var scene = try PruneScene(memory)
        let root = try scene.commit("root", [scene.chunk()])
        let old = try #require(try scene.store.roots().roots.first)
        let (store, references) = (scene.store, old.references)
        let restless = RestlessStorage(
            memory, onList: [{ try store.commit(Array("root".utf8), references: references, replacing: root) }])
        let (roots, failures) = try Roots(openStore(restless).repository).all()
        #expect(roots.map(\.name) == [Array("root".utf8)] && roots.first?.id != root && failures.isEmpty)
    }
}
