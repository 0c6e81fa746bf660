import Cairn
import ChildProcess
import Testing

@Suite("Forgetting that is killed")
struct ForgetKillTests {
    private static func state(_ scene: SnapshotScene) throws -> String {
        "\(try scene.ids([]))|\(try scene.ids(["--forgotten"]))"
    }

    /// Runs `cairn`, and kills it when it makes this system call for the n-th time; nil where it does not so often.
    private func kill(_ scene: SnapshotScene, _ words: [String], at call: String, _ number: Int) throws -> ChildOutcome?
    {
        let strace = [
            "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(call):signal=KILL:when=\(number)",
        ]
        let outcome = try ChildProcess(
            ChildProcess.find("strace") ?? "strace", strace + [cairnPath] + words,
            environment: ["HOME": scene.folder.path, "TZ": "UTC0", "CAIRN_REPOSITORY": scene.location]
        ).run()
        return outcome.code == 137 ? outcome : nil
    }

    @Test(
        "at any call that changes something, each snapshot is there or forgotten, and the next run finishes",
        .enabled(if: ChildProcess.find("strace") != nil),
        arguments: ["renameat2", "fsync", "unlink", "write", "mkdir"])
    func sweep(_ call: String) throws {
        for words in [["forget", "-l", "1", "--allow-last"], ["undelete", "a1", "b2"]] {
            let isForgetting = words[0] == "forget"
            var number = 1
            while true {
                let scene = try SnapshotScene()
                try scene.commit("a1", at: "2026-01-01T12:00:00Z")
                try scene.commit("b2", at: "2026-01-02T12:00:00Z")
                try scene.commit("c3", at: "2026-01-03T12:00:00Z")
                if !isForgetting { #expect(try scene.run("forget", "a1", "b2").code == 0) }
                let killed = try kill(scene, words, at: call, number)
                let state = try Self.state(scene)
                #expect(
                    state.filter { $0 != "|" }.sorted() == ["a", "b", "c"], "\(words[0]), \(call) \(number): \(state)")
                let next = try scene.run(words)
                #expect(next.code == 0, "\(words[0]), \(call) \(number): \(next.errorText)")
                #expect(try Self.state(scene) == (isForgetting ? "c|ab" : "abc|"), "\(words[0]), \(call) \(number)")
                // A session sweeps what the dead one left.
                try scene.commit("d4", at: "2026-01-04T12:00:00Z")
                let left = try ChildProcess(
                    "/usr/bin/find", ["\(scene.location)/tmp", "\(scene.location)/leases", "-type", "f"]
                ).run()
                #expect(left.outputText.isEmpty, "\(words[0]), \(call) \(number): \(left.outputText)")
                if killed == nil { break }
                number += 1
            }
            // Folders and renames there are in any case; how many writes there are does not matter.
            if ["renameat2", "fsync", "unlink"].contains(call) { #expect(number > 2, "\(words[0]), \(call)") }
        }
    }
}
