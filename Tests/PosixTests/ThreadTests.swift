import Posix
import TestSupport
import Testing

@Suite("Threads and monitors")
struct ThreadTests {
    @Test("a thread has done its work when it was joined, however often")
    func join() throws {
        let done = Monitor(0)
        let thread = try Thread("a name much longer than fifteen bytes") { done.withLock { $0 += 1 } }
        thread.join()
        #expect(done.withLock { $0 } == 1)
        thread.join()
    }

    @Test("a thread that nobody joins does its work all the same")
    func detached() throws {
        let done = Monitor(false)
        _ = try Thread("alone") { done.update { $0 = true } }
        Watchdog.watch("a detached thread") { done.update(when: { $0 }) { _ in } }
    }

    @Test("two can join one thread at the same time")
    func joinTwice() throws {
        let gate = Monitor(false)
        let worker = try Thread("worker") { gate.update(when: { $0 }) { _ in } }
        let joiners = try (0..<2).map { _ in try Thread("joiner") { worker.join() } }
        gate.update { $0 = true }
        Watchdog.watch("joining") { joiners.forEach { $0.join() } }
    }

    @Test("a thread that joins itself goes on, and another can join it still")
    func joinSelf() throws {
        let own = Monitor<Thread?>(nil)
        let isDone = Monitor(false)
        let thread = try Thread("self") {
            own.update(when: { $0 != nil }) { $0 }?.join()
            isDone.update { $0 = true }
        }
        own.update { $0 = thread }
        Watchdog.watch("joining oneself") { isDone.update(when: { $0 }) { _ in } }
        thread.join()
        own.update { $0 = nil }
    }

    @Test("what a thread's body holds is let go when it has ended")
    func release() throws {
        final class Held: Sendable {}
        weak var observed: Held?
        let thread: Thread
        do {
            let held = Held()
            observed = held
            thread = try Thread("holder") { withExtendedLifetime(held) {} }
        }
        thread.join()
        #expect(observed == nil)
    }

    @Test("only one at a time is inside a monitor")
    func exclusion() throws {
        let count = Monitor(0)
        let threads = try (0..<4).map { _ in
            try Thread("counter") { for _ in 0..<10_000 { count.withLock { $0 += 1 } } }
        }
        threads.forEach { $0.join() }
        #expect(count.withLock { $0 } == 40_000)
    }

    @Test("whoever waits goes on when the condition holds, and not before")
    func waiting() throws {
        let state = Monitor(0)
        let seen = Monitor<[Int]>([])
        let waiters = try [3, 1, 2].map { goal in
            try Thread("waiter") {
                state.update(when: { $0 >= goal }) { value in seen.withLock { $0.append(value) } }
            }
        }
        for goal in 1...3 {
            state.update { $0 = goal }
            Watchdog.watch("a waiter") { while seen.withLock({ $0.count }) < goal {} }
        }
        waiters.forEach { $0.join() }
        #expect(seen.withLock { $0 } == [1, 2, 3])
    }

    @Test("whoever waits for a time goes on when the condition holds, or when the time is over")
    func waitingForATime() throws {
        let monitor = Monitor(0)
        let start = Machine.monotonicNanoseconds
        #expect(!monitor.wait(milliseconds: 20) { $0 == 1 })
        #expect(Machine.monotonicNanoseconds - start >= 20_000_000)
        let thread = try Thread("sets") { monitor.update { $0 = 1 } }
        #expect(monitor.wait(milliseconds: 60_000) { $0 == 1 })
        #expect(Machine.monotonicNanoseconds - start < 60_000_000_000)
        thread.join()
        #expect(monitor.wait(milliseconds: 0) { $0 == 1 })
    }

    @Test("an error thrown inside leaves the monitor free")
    func throwing() throws {
        struct Failure: Error {}
        let state = Monitor(1)
        #expect(throws: Failure.self) { try state.withLock { _ throws(Failure) in throw Failure() } }
        #expect(throws: Failure.self) { try state.update { _ throws(Failure) in throw Failure() } }
        #expect(throws: Failure.self) { try state.update(when: { $0 == 1 }) { _ throws(Failure) in throw Failure() } }
        #expect(state.withLock { $0 } == 1)
    }

    @Test("the machine tells who it is and what time it is")
    func machine() {
        #expect(Machine.processID > 0 && Machine.processorCount > 0)
        #expect(!Machine.hostName.isEmpty && !Machine.userName.isEmpty)
        #expect(Machine.bootID.utf8.count == 36)
        #expect(Machine.seconds > 1_600_000_000)
        let before = Machine.monotonicNanoseconds
        #expect(Machine.monotonicNanoseconds >= before)
    }
}
