import Cairn
import ChildProcess
import Testing

@Suite("Tagging snapshots")
struct TagTests {
    func tags(_ scene: SnapshotScene) throws -> [[String]] {
        try SnapshotList(scene.store).snapshots.map(\.manifest.tags)
    }

    @Test("tags are added, removed and set, the ids stay, and what changed is counted")
    func change() throws {
        let scene = try SnapshotsTests.scene()
        #expect(
            try scene.run("tag", "--add", "z,w", "a1", "latest").outputText == "changed the tags of 2 of 2 snapshots\n")
        #expect(try tags(scene) == [["w", "x", "y", "z"], ["x"], ["w", "z"]])
        let outcome = try scene.run("tag", "--remove", "x", "--add", "n", "--tag", "x")
        #expect(outcome.code == 0 && outcome.outputText == "changed the tags of 2 of 2 snapshots\n")
        #expect(try tags(scene) == [["n", "w", "y", "z"], ["n"], ["w", "z"]])
        #expect(try scene.run("tag", "--set", "only", "b2").outputText == "changed the tags of 1 of 1 snapshot\n")
        #expect(try scene.run("tag", "--set=", "a1").code == 0)
        #expect(try tags(scene) == [[], ["only"], ["w", "z"]])
        #expect(try scene.run("tag", "--remove", "none").outputText == "changed the tags of 0 of 3 snapshots\n")
        #expect(try scene.run("tag", "-q", "--add", "q", "a1").output.isEmpty)
        #expect(try scene.ids([]) == "abc")
        #expect(try ChildProcess("/bin/ls", ["\(scene.location)/manifests"]).run().outputText.count == 3 * 65)
    }

    @Test("JSON tells the new tags of what changed")
    func json() throws {
        let scene = try SnapshotsTests.scene()
        #expect(
            try scene.run("tag", "--json", "--add", "x", "a1", "c3").outputText == """
                {"chosen":2,"changed":1,"snapshots":[{"id":"c3000000000000000000000000000000",\
                "short_id":"c3000000","tags":["x"]}]}

                """)
    }

    @Test("nothing is changed where one of several snapshots is not there, or the options contradict each other")
    func refused() throws {
        let scene = try SnapshotsTests.scene()
        let before = try tags(scene)
        #expect(try scene.run("tag", "--add", "z", "a1", "dd").code == 1)
        #expect(try scene.run("tag", "a1").errorLines.first == "cairn: no tag is given")
        #expect(try scene.run("tag", "--add=", "a1").code == 2)
        #expect(try scene.run("tag", "--add", "z", "--set", "y", "a1").code == 2)
        #expect(try scene.run("tag", "--add", "a\nb", "a1").code == 2)
        #expect(try tags(scene) == before)
    }
}
