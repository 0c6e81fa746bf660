import TestSupport
import Testing

@Suite("Parsers of what an enemy may have written") struct ReplayTests {
    @Test("every valid input is parsed", arguments: Parser.allCases)
    func seeds(parser: Parser) {
        #expect(!parser.seeds.isEmpty)
        for seed in parser.seeds { parser.parse(seed) }
    }

    @Test("no mutation of a valid input ends the program, hangs it or has two readings", arguments: Parser.allCases)
    func mutations(parser: Parser) {
        let seeds = parser.seeds
        let all = Parser.allCases.flatMap(\.seeds)
        var mutator = Mutator(seed: UInt64(parser.rawValue))
        Watchdog.watch("the parser of \(parser)") {
            for round in 0..<parser.rounds {
                let other = round % 3 == 0 ? all[round % all.count] : seeds[(round / 2) % seeds.count]
                parser.parse(mutator.mutation(of: seeds[round % seeds.count], with: other))
            }
        }
    }

    @Test("no prefix of a valid input ends the program", arguments: Parser.allCases)
    func prefixes(parser: Parser) {
        for seed in parser.seeds {
            let step = max(1, seed.count / 200)
            for count in stride(from: 0, to: seed.count, by: step) { parser.parse(Array(seed[..<count])) }
        }
    }
}

extension Parser {
    /// How many mutations fit into the brief run: the files cost more than the fields.
    fileprivate var rounds: Int {
        switch self {
        case .record, .pack, .frame: 1_500
        default: 4_000
        }
    }
}
