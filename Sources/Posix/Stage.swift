/// A step of the work with threads of its own and a bounded queue before it: whoever brings more than fits waits.
///
/// Each worker has state of its own, made by `makeWorker` on the worker's thread, so that scratch memory needs no lock.
public final class Stage<Item: Sendable>: Sendable {
    private struct Line {
        /// What was taken leaves a gap, so that nothing of it stays.
        var waiting: [Item?] = []
        var head = 0
        var atWork = 0
        var isClosed = false

        var count: Int { waiting.count - head }

        mutating func take() -> Item {
            let item = waiting[head]!
            waiting[head] = nil
            head += 1
            if head * 2 > waiting.count {
                waiting.removeFirst(head)
                head = 0
            }
            return item
        }
    }

    private let line: Monitor<Line>
    private let capacity: Int
    private let threads: [Thread]

    /// Starts the workers. `makeWorker` is called once on each; what it returns is called with each item.
    public init(
        _ name: String, workers: Int, capacity: Int, makeWorker: @escaping @Sendable () -> (Item) -> Void
    ) throws(PosixError) {
        precondition(workers > 0 && capacity > 0)
        let line = Monitor(Line())
        self.line = line
        self.capacity = capacity
        var threads: [Thread] = []
        do throws(PosixError) {
            for _ in 0..<workers {
                threads.append(try Thread(name) { Self.work(line, makeWorker()) })
            }
        } catch {
            line.update { $0.isClosed = true }
            for thread in threads { thread.join() }
            throw error
        }
        self.threads = threads
    }

    private static func work(_ line: Monitor<Line>, _ body: (Item) -> Void) {
        while true {
            let item: Item? = line.update(when: { $0.count > 0 || $0.isClosed }) { line in
                guard line.count > 0 else { return nil }
                line.atWork += 1
                return line.take()
            }
            guard let item else { return }
            body(item)
            line.update { $0.atWork -= 1 }
        }
    }

    /// Hands over an item; waits while the queue is full. A stage that was closed, perhaps by another thread in this moment, drops
    /// it and answers false.
    @discardableResult
    public func submit(_ item: Item) -> Bool {
        line.update(when: { $0.count < capacity || $0.isClosed }) { line in
            if !line.isClosed { line.waiting.append(item) }
            return !line.isClosed
        }
    }

    /// Hands over an item if there is room for it now; it is dropped otherwise.
    public func submitIfFree(_ item: Item) {
        line.update { line in
            if line.count < capacity && !line.isClosed { line.waiting.append(item) }
        }
    }

    /// Waits until nothing is queued or at work.
    public func drain() {
        line.update(when: { $0.count == 0 && $0.atWork == 0 }) { _ in }
    }

    /// Lets the workers finish what is queued, and ends them.
    public func close() {
        line.update { $0.isClosed = true }
        for thread in threads { thread.join() }
    }

    deinit { line.update { $0.isClosed = true } }
}
