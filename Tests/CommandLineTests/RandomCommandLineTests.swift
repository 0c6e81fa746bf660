import CommandLine
import Testing

@Suite("Random command lines")
struct RandomCommandLineTests {
    /// A small generator with a seed, so that a failure can be repeated.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    static let words: [ArgumentValue] = [
        "put", "store", "copy", "show", "key", "add", "rm", "secret", "version", "--", "-", "", "--box", "-b", "-bx",
        "--box=", "--jobs", "--jobs=9", "-q", "-vvv", "-qvb", "--exclude", "-e", "--colour", "--colour=red", "--spare",
        "5%", "--limit", "9E", "99999999999999999999", "--label", "a=b", "=", "--=", "---", "--from-command", "-h",
        "--help", "--json=1", "--host", "x", "\u{1B}[31m", "ä",
    ]

    static func word(using generator: inout Generator) -> ArgumentValue {
        let known = words[Int.random(in: 0..<words.count, using: &generator)]
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return ArgumentValue(bytes: (0..<6).map { _ in UInt8.random(in: 1...255, using: &generator) })
        case 1: return ArgumentValue(bytes: Array("-".utf8) + known.bytes)
        case 2: return ArgumentValue(bytes: known.bytes + [UInt8.random(in: 1...255, using: &generator)])
        default: return known
        }
    }

    @Test("no command line makes the parser trap, and every error has a message and a hint", arguments: 0..<8)
    func neverTraps(seed: UInt64) {
        var generator = Generator(state: seed)
        var counts = (runs: 0, helps: 0, errors: 0)
        for _ in 0..<1500 {
            let count = Int.random(in: 0...7, using: &generator)
            let line = (0..<count).map { _ in Self.word(using: &generator) }
            let environment: [String: ArgumentValue] =
                Bool.random(using: &generator) ? ["DEMO_JOBS": Self.word(using: &generator)] : [:]
            do throws(UsageError) {
                switch try parse(line, environment: environment) {
                case .help: counts.helps += 1
                case .run(let invocation):
                    counts.runs += 1
                    #expect((try? invocation.run(()))?.isEmpty == false)
                }
            } catch {
                counts.errors += 1
                #expect(!error.message.isEmpty && error.hint?.isEmpty == false, "\(line)")
                #expect(!error.message.unicodeScalars.contains { $0.value < 0x20 }, "\(line)")
            }
        }
        #expect(counts.runs > 0 && counts.helps > 0 && counts.errors > 0)
    }
}
