import Cairn
import ChunkStore
import Posix
import Testing

@testable import CairnCommands

@Suite("Failures of the libraries")
struct FailureTests {
    @Test("each kind has its exit code, and its own name for programs")
    func codes() {
        let cases: [(CairnError.Code, ExitCode, String)] = [
            (.damaged, .damaged, "damaged"), (.noRepository, .noRepository, "no_repository"),
            (.wrongKey, .noKey, "wrong_key"), (.usage, .usage, "usage"), (.cancelled, .interrupted, "interrupted"),
            (.notFound, .failed, "not_found"), (.full, .failed, "full"), (.init("new-kind"), .failed, "new_kind"),
        ]
        for (code, exit, kind) in cases {
            let failure = CommandFailure(CairnError(code, "message") as any Error)
            #expect(failure.code == exit && failure.kind == kind, "\(code)")
        }
    }

    @Test("message, path and remedy reach the person, without control characters")
    func parts() {
        let error = CairnError(.source, "cannot be\tread", path: Path([0x2F, 0xFF, 0x0A]), remedy: "try again")
        let failure = CommandFailure(error as any Error)
        #expect(failure.message == "/\\xFF\\n: cannot be\\tread")
        #expect(failure.path == error.path && failure.hint == "try again")
    }

    @Test("an operation that was stopped on request says that what it stored stays")
    func cancelled() {
        for error: any Error in [CairnError(.cancelled, "x"), StoreError(.cancelled, "x")] {
            #expect(CommandFailure(error).message == "interrupted: what was stored stays usable")
            #expect(CommandFailure(error).code == .interrupted)
        }
    }

    @Test("what does not suit a repository is no mistake in the command line")
    func storeUsage() {
        let failure = CommandFailure(StoreError(.usage, "this is the last key", path: "/r/keys") as any Error)
        #expect(
            failure.code == .failed && failure.kind == "usage" && failure.message == "/r/keys: this is the last key")
        #expect(CommandFailure(StoreError(.damaged, "x") as any Error).code == .damaged)
    }
}
