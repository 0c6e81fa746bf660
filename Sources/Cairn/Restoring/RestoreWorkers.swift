import Posix

/// The threads of a restore, and the work that waits for them. Work is bounded by its cost: who submits more waits.
final class RestoreWorkers: Sendable {
    private struct State {
        var waiting: [(cost: Int, run: @Sendable () -> Void)] = []
        var first = 0
        /// The cost of what waits and what runs.
        var cost = 0
        var isClosed = false

        var isEmpty: Bool { first == waiting.count }

        mutating func take() -> (cost: Int, run: @Sendable () -> Void)? {
            if isEmpty { return nil }
            let next = waiting[first]
            first += 1
            if first > 1_024 && first * 2 > waiting.count || first == waiting.count {
                waiting.removeFirst(first)
                first = 0
            }
            return next
        }
    }

    private let state = Monitor(State())
    private let costMax: Int
    private let threads: Monitor<[Thread]>

    /// Begins with so many threads; work up to this cost may be waiting or running.
    init(threads count: Int, costMax: Int) throws(CairnError) {
        self.costMax = costMax
        threads = Monitor([])
        for number in 0..<max(1, count) {
            do throws(PosixError) {
                let thread = try Thread("restore \(number)") { [state] in Self.work(state) }
                threads.withLock { $0.append(thread) }
            } catch {
                close()
                throw CairnError(.system, error)
            }
        }
    }

    private static func work(_ state: Monitor<State>) {
        while true {
            guard let next = state.update(when: { !$0.isEmpty || $0.isClosed }, { $0.take() }) else { return }
            next.run()
            state.update { $0.cost -= next.cost }
        }
    }

    /// Adds work. Waits while too much is under way; one piece of any cost is always taken.
    func submit(cost: Int, _ run: @escaping @Sendable () -> Void) {
        let limit = costMax
        state.update(when: { $0.cost == 0 || $0.cost + cost <= limit }) { state in
            state.cost += cost
            state.waiting.append((cost, run))
        }
    }

    /// Waits until all that was submitted is done.
    func drain() { state.update(when: { $0.cost == 0 }) { _ in } }

    /// Does what waits, then ends the threads.
    func close() {
        state.update { $0.isClosed = true }
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    deinit { close() }
}
