import TestSupport
import Testing

@testable import Posix

@Suite struct StageTests {
    @Test("every item is worked on once, and drain waits for all of them")
    func drain() throws {
        let done = Monitor<[Int]>([])
        let stage = try Stage<Int>("test", workers: 3, capacity: 2) { { item in done.update { $0.append(item) } } }
        for item in 0..<500 { stage.submit(item) }
        stage.drain()
        #expect(done.withLock { $0.sorted() } == Array(0..<500))
        stage.close()
    }

    @Test("one worker keeps the order, and a close finishes what is queued")
    func order() throws {
        let done = Monitor<[Int]>([])
        let stage = try Stage<Int>("test", workers: 1, capacity: 8) { { item in done.update { $0.append(item) } } }
        for item in 0..<100 { stage.submit(item) }
        stage.close()
        #expect(done.withLock { $0 } == Array(0..<100))
        stage.close()
    }

    @Test("a full queue makes the submitter wait, and what need not be done is dropped")
    func bounded() throws {
        let gate = Monitor(false)
        let begun = Monitor(0)
        let stage = try Stage<Int>("test", workers: 1, capacity: 2) {
            { _ in
                begun.update { $0 += 1 }
                gate.update(when: { $0 }) { _ in }
            }
        }
        stage.submit(0)
        begun.update(when: { $0 == 1 }) { _ in }
        for item in 1...5 { stage.submitIfFree(item) }
        gate.update { $0 = true }
        stage.close()
        #expect(begun.withLock { $0 } == 3)
    }

    @Test("a stage that one of its own workers closes ends all the same")
    func closedFromWithin() throws {
        let own = Monitor<Stage<Int>?>(nil)
        let done = Monitor<Set<Int>>([])
        let stage = try Stage<Int>("test", workers: 2, capacity: 4) {
            { item in
                if item == 1 { own.update(when: { $0 != nil }) { $0 }?.close() }
                done.update { _ = $0.insert(item) }
            }
        }
        for item in 0..<4 { stage.submit(item) }
        own.update { $0 = stage }
        Watchdog.watch("closing a stage from within") { done.update(when: { $0.contains(1) }) { _ in } }
        stage.close()
        #expect(done.withLock { $0 } == [0, 1, 2, 3])
        own.update { $0 = nil }
    }

    @Test("what is submitted to a closed stage is dropped")
    func closed() throws {
        let stage = try Stage<Int>("test", workers: 1, capacity: 2) { { _ in Issue.record("it was not dropped") } }
        stage.close()
        stage.submitIfFree(1)
        #expect(!stage.submit(2))
        stage.drain()
    }
}
