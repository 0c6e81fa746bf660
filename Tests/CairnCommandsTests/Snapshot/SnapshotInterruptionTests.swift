import ChildProcess
import Testing

@Suite("A cairn snapshot that is interrupted")
struct SnapshotInterruptionTests {
    /// Runs a snapshot of so many MiB and interrupts it as soon as it has read some files; its exit code, and what it said.
    private func interrupt(_ scene: BrowsingScene, megabytes: Int) throws -> ChildOutcome {
        try scene.script(
            """
            for n in $(seq \(megabytes)); do head -c 1048576 /dev/urandom > s/f$n; done; sleep 2.1
            env --default-signal=INT "$cairn" snapshot --json --read-concurrency 1 s > out 2> err & run=$!
            until grep -q '"files_done":[1-9]' out || ! kill -0 $run 2> /dev/null; do sleep 0.05; done
            kill -INT $run 2> /dev/null; wait $run; code=$?
            cat err; exit $code
            """)
    }

    @Test("ends with 130 and without a snapshot, and the next run need not read everything again")
    func resuming() throws {
        let scene = try BrowsingScene()
        var (megabytes, outcome) = (64, try interrupt(scene, megabytes: 64))
        // On a fast machine it takes more until there is time to interrupt.
        while outcome.code == 0, megabytes < 4_096 {
            megabytes *= 4
            try scene.shell("rm -r r c; \"\(cairnPath)\" init -q --encryption none")
            outcome = try interrupt(scene, megabytes: megabytes)
        }
        #expect(outcome.code == 130)
        #expect(
            outcome.outputText.contains(
                "\"interrupted: no snapshot was made; the same command carries on with what is stored\""))
        #expect(try !scene.run("snapshots", "--json").contains("short_id"))
        let next = try scene.outcome(["snapshot", "--json", "--no-progress", "s"])
        #expect(next.code == 0)
        let read = Int(SnapshotCommandTests.field("files_read", next.outputText) ?? "")
        #expect(read.map { $0 < megabytes } == true, "\(next.outputText)")
        let some = "s/f1 s/f2 s/f\(megabytes)"
        let comparison = "for f in \(some); do \"$cairn\" cat \"latest:$PWD/$f\" | cmp - $f || exit 1; done"
        #expect(try scene.script(comparison).code == 0)
    }
}
