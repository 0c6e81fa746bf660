import Posix
import TestSupport
import Testing

@Suite("A storm of processes in one repository", .serialized)
struct StormTests {
    /// One short storm, or twenty of two minutes each. One after the other: six processes keep two processors busy, and a storm beside another would come
    /// half as far in the same time.
    private static let seeds = stormSeed.map { $0...$0 } ?? (isFullStorm ? 1...20 : 1...1)

    @Test(
        "six snapshot, restore, forget, bring back, prune and check, and are killed; nothing that was done and not forgotten is lost",
        arguments: seeds)
    func storm(seed: UInt64) throws {
        let place = try Place()
        let storm = try Storm(seed: seed, place: place)
        try Watchdog.watch("a storm", seconds: 1_200) {
            try storm.rage(runs: isFullStorm ? .max : 14, seconds: isFullStorm ? 120 : 60)
        }
        #expect(storm.complaints.withLock { $0 } == [], "seed \(seed)")
        var aftermath = StormAftermath(storm, place)
        let end = Machine.monotonicNanoseconds
        try Watchdog.watch("the time after a storm", seconds: 1_200) { try aftermath.look() }
        let seconds = (Machine.monotonicNanoseconds - end) / 1_000_000_000
        #expect(aftermath.complaints == [], "seed \(seed)")
        let takings = storm.ledger.withLock { $0.takings }
        #expect(takings.contains { $0.id != nil && $0.isKept })
        if isFullStorm || stormSeed != nil { print("storm \(seed), and \(seconds) s after it: \(storm.summary)") }
    }
}
