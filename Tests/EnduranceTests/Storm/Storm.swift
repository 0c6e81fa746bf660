import Posix
import TestSupport

/// A repository with which six processes do everything at once for a while, and are killed now and then.
final class Storm: Sendable {
    static let workers = 6

    let seed: UInt64
    let ledger = Monitor(StormLedger())
    /// What nobody expects, each with what the run said.
    let complaints = Monitor<[String]>([])
    /// How often each command ended how.
    let endings = Monitor<[String: Int]>([:])
    /// A source of each worker's own, and the last for all.
    let sources: [StormSource]
    private let place: Place

    init(seed: UInt64, place: Place) throws {
        self.seed = seed
        self.place = place
        sources = try (0...Self.workers).map { number in
            let name = number == Self.workers ? "everybody" : "of-\(number)"
            return try StormSource(place.path("sources").appending(name))
        }
    }

    /// Starts the program with the cache of a worker: some have one of their own, the others share one.
    func start(_ words: [String], for worker: Int) throws -> RunningProgram {
        try place.start(words, cache: worker.isMultiple(of: 2) ? nil : place.path("cache-\(worker)"))
    }

    func path(_ name: String) -> Path { place.path(name) }

    /// Lets all workers do what they do, so many runs each or until the time is over, and waits for them.
    func rage(runs: Int, seconds: Int64) throws {
        let end = Machine.monotonicNanoseconds + seconds * 1_000_000_000
        let threads = try (0..<Self.workers).map { number in
            try Thread("storm-\(number)") {
                var worker = StormWorker(self, number)
                var done = 0
                while done < runs && Machine.monotonicNanoseconds < end {
                    do { try worker.act() } catch { self.complain("worker \(number): \(error)") }
                    done += 1
                }
            }
        }
        for thread in threads { thread.join() }
    }

    func complain(_ words: String) { complaints.withLock { $0.append(words) } }

    /// How often each command ended how, for people.
    var summary: String {
        endings.withLock { $0 }.sorted { $0.key < $1.key }.map { "\($0.key) ×\($0.value)" }.joined(separator: ", ")
    }
}
