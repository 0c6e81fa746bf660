import Posix

/// The threads of a restore, and the work that waits for them. Work is bounded by its cost: who submits more waits.
/// Small pieces are handed over together, so that threads are not woken for each.
final class RestoreWorkers: Sendable {
    /// Pieces of work that one thread does one after another.
    private struct Group {
        var cost = 0
        var pieces: [@Sendable () -> Void] = []
    }

    private struct State {
        /// Pieces that are not handed over yet.
        var gathered = Group()
        var waiting: [Group] = []
        var first = 0
        /// The cost of what waits and what runs.
        var cost = 0
        var isClosed = false

        var isEmpty: Bool { first == waiting.count }

        mutating func take() -> Group? {
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

    /// A group is handed over when it has so many pieces, or a part of all that may be under way.
    private static let piecesMax = 32
    private static let shareOfCost = 16

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
            for piece in next.pieces { piece() }
            state.update { $0.cost -= next.cost }
        }
    }

    /// Adds work. Waits while too much is under way; one piece of any cost is always taken.
    /// What is large is handed over at once.
    func submit(cost: Int, isLarge: Bool = false, _ run: @escaping @Sendable () -> Void) {
        let isFull = state.withLock { state in
            state.gathered.cost += cost
            state.gathered.pieces.append(run)
            return isLarge || state.gathered.pieces.count >= Self.piecesMax
                || state.gathered.cost >= costMax / Self.shareOfCost
        }
        if isFull { handOver() }
    }

    /// Lets the threads begin with what was gathered.
    private func handOver() {
        let group = state.withLock { state in
            defer { state.gathered = Group() }
            return state.gathered
        }
        if group.pieces.isEmpty { return }
        let limit = costMax
        state.update(when: { $0.cost == 0 || $0.cost + group.cost <= limit }) { state in
            state.cost += group.cost
            state.waiting.append(group)
        }
    }

    /// Waits until all that was submitted is done.
    func drain() {
        handOver()
        state.update(when: { $0.cost == 0 }) { _ in }
    }

    /// Does what waits, then ends the threads.
    func close() {
        handOver()
        state.update { $0.isClosed = true }
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    deinit { close() }
}
