import Glibc
import Posix
import Testing

@Suite("Random histories")
struct RandomHistoryTests {
    /// The one history that was asked for with CAIRN_HISTORY_SEED, for looking at it again; it tells each step as it comes.
    static let seed = getenv("CAIRN_HISTORY_SEED").flatMap { UInt64(String(cString: $0)) }
    /// Whether all histories were asked for: `make histories`.
    private static let isFull = getenv("CAIRN_HISTORIES").map { String(cString: $0) == "full" } ?? false
    private static let seeds = seed.map { $0...$0 } ?? (isFull ? 1...300 : 1...12)

    /// A history that waits for the clock holds its tree and its repository, but no thread: others go on meanwhile.
    private static let gate = HistoryGate(width: 8)

    @Test(
        "whatever happens to tree, repository and cache, each snapshot gives back what was there when it was taken",
        arguments: seeds)
    func history(seed: UInt64) async throws {
        await Self.gate.enter()
        do { try await Self.run(seed) } catch { Issue.record("\(error)") }
        await Self.gate.leave()
    }

    private static func run(_ seed: UInt64) async throws {
        let start = Machine.monotonicNanoseconds
        let history = try RandomHistory(seed: seed)
        try await history.run()
        let (steps, snapshots) = (history.steps.count, history.ledger.takings.count)
        let milliseconds = (Machine.monotonicNanoseconds - start) / 1_000_000
        tell("history \(seed): \(steps) steps, \(snapshots) snapshots, \(milliseconds) ms", ofMany: isFull)
    }

    /// Prints what happens in the one history that was asked for; of many only what is for that.
    static func tell(_ words: String, ofMany: Bool = false) {
        guard seed != nil || ofMany else { return }
        print(words)
        // What waits in a buffer is lost when the next step crashes.
        fflush(nil)
    }
}

/// Lets only so many through at a time.
private actor HistoryGate {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(width: Int) { free = width }

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
