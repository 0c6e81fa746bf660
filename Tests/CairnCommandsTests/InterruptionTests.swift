import ChildProcess
import Glibc
import Testing

/// Signals, seen from outside: the helper raises them in itself and prints what it noticed.
@Suite("Interruption")
struct InterruptionTests {
    static let signals = [SIGINT, SIGTERM, SIGHUP]

    func helper(_ words: String..., environment: [String: String] = [:]) throws -> ChildOutcome {
        try ChildProcess(helperPath, words, environment: environment).run()
    }

    @Test("one signal asks, runs what waits for it once on another thread, and ends nothing", arguments: signals)
    func once(number: Int32) throws {
        let outcome = try helper("once", "\(number)")
        #expect(outcome.outputText == "requested: false\nrequested: true\nrun: true, here: false\n")
        #expect(outcome.code == 130)
    }

    @Test("what is to run at an interruption that was asked for already runs at once")
    func late() throws {
        #expect(try helper("late").outputText == "run: true\n")
    }

    @Test("one signal cancels the library's operation", arguments: signals)
    func cancel(number: Int32) throws {
        #expect(try helper("cancel", "\(number)").outputText == "cancelled: false\ncancelled: true\n")
    }

    @Test("a second signal ends the process by that signal, below the status that is shown", arguments: signals)
    func twice(number: Int32) throws {
        let outcome = try helper("twice", "\(number)")
        #expect(outcome.code == 128 + number && outcome.output.isEmpty)
        #expect(outcome.errorText == "\n")
    }

    @Test("the same signal again in the same moment is no second one")
    func same() throws {
        // A machine that is busy may let a tenth of a second go by between two calls, but not each time.
        let outcomes = try (0..<5).map { _ in try helper("same", "\(SIGTERM)") }
        #expect(outcomes.contains { $0.code == 0 && $0.outputText == "lives\n" }, "\(outcomes)")
    }

    @Test("a signal that is ignored from the beginning stays ignored; one that is blocked does not", arguments: signals)
    func inherited(number: Int32) throws {
        #expect(try helper("ignored", "\(number)").outputText == "requested: false\n")
        #expect(try helper("blocked", "\(number)").outputText == "requested: true\n")
    }

    @Test("while signals are caught Ctrl-C still ends a question, and a signal after it still asks")
    func prompt() throws {
        let outcome = try ChildProcess(helperPath, ["prompt"]).runOnTerminal(answers: [("question: ", "abc\u{3}")])
        #expect(outcome.outputText.contains("interrupted, requested: false\r\nrequested: true\r\n"))
        #expect(!outcome.outputText.contains("abc"))
    }

    @Test("a command that is run blocks and ignores no signal")
    func command() throws {
        let sets = try helper("command").outputText.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(sets.map { $0[0] } == ["SigBlk:", "SigIgn:", "SigCgt:"])
        let common = UInt64(1) << (SIGINT - 1) | 1 << (SIGTERM - 1) | 1 << (SIGHUP - 1) | 1 << (SIGPIPE - 1)
        for set in sets { #expect((UInt64(set[1], radix: 16) ?? .max) & common == 0, "\(set)") }
    }
}
