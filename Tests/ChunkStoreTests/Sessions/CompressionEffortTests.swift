import Bytes
import Compression
import Posix
import Testing

@testable import ChunkStore

/// How hard is compressed, by what the data are and by what the machine has to spare.
@Suite struct CompressionEffortTests {
    /// A machine's clock that a test moves on.
    private final class Clock: Sendable {
        private let now = Monitor(Machine.ProcessorTimes(idle: 0, total: 0))

        /// A second of two processors goes by, this much of it idle.
        func pass(idle: Double) {
            now.update {
                $0.total += 200
                $0.idle += UInt64(200 * idle)
            }
        }

        func read() -> Machine.ProcessorTimes { now.update { $0 } }
    }

    private func draft(_ count: Int, kind: ChunkKind = .data, isOrdered: Bool = false) -> BlockDraft {
        let buffer = Buffer(capacity: count)
        buffer.count = count
        return BlockDraft(kind: kind, isOrdered: isOrdered, buffer: buffer)
    }

    private func levels(_ effort: CompressionEffort, _ draft: BlockDraft, count: Int) -> [Int32?] {
        (0..<count).map { _ in effort.method(for: draft)?.level }
    }

    @Test("where processors idle the level rises rung by rung, and falls again where they are needed")
    func rises() {
        let clock = Clock()
        let effort = CompressionEffort(.automatic, storedBytes: 0) { clock.read() }
        let large = draft(4 << 20)
        #expect(Set(levels(effort, large, count: 7)) == [2])
        clock.pass(idle: 0.9)
        #expect(levels(effort, large, count: 1) == [5])
        clock.pass(idle: 0.3)
        #expect(Set(levels(effort, large, count: 8)) == [5])
        clock.pass(idle: 0.5)
        #expect(Set(levels(effort, large, count: 7)) == [5])
        #expect(levels(effort, large, count: 1) == [6])
        clock.pass(idle: 1)
        #expect(levels(effort, large, count: 8) == Array(repeating: 6, count: 8))
        clock.pass(idle: 0.05)
        #expect(levels(effort, large, count: 8).last == 5)
        // Nothing has gone by meanwhile: nothing is concluded.
        #expect(Set(levels(effort, large, count: 20)) == [5])
        clock.pass(idle: 0)
        #expect(levels(effort, large, count: 1) == [2])
    }

    @Test("where somebody waits for the end no level is high, whatever was asked for")
    func hurries() throws {
        let clock = Clock()
        let large = draft(4 << 20)
        let hard = CompressionEffort(.level(19), storedBytes: 0) { nil }
        #expect(hard.method(for: large)?.level == 19 && hard.deltaMethod?.level == 19)
        hard.hurry()
        #expect(hard.method(for: large)?.level == 2 && hard.deltaMethod?.level == 2)
        let light = CompressionEffort(.level(1), storedBytes: 0) { nil }
        light.hurry()
        #expect(light.method(for: large)?.level == 1)
        let off = CompressionEffort(.off, storedBytes: 0) { nil }
        off.hurry()
        #expect(off.method(for: large) == nil && off.deltaMethod == nil)
        let own = CompressionEffort(.automatic, storedBytes: 1 << 40) { clock.read() }
        #expect(own.method(for: large)?.level == 8)
        own.hurry()
        #expect(own.method(for: draft(1_000))?.level == 2)
        for _ in 0..<30 {
            clock.pass(idle: 1)
            #expect(own.method(for: large)?.level == 2)
        }
    }

    @Test("a busy machine, small blocks, and a kernel that says nothing leave the level as the data want it")
    func stays() {
        let clock = Clock()
        let busy = CompressionEffort(.automatic, storedBytes: 0) { clock.read() }
        let silent = CompressionEffort(.automatic, storedBytes: 0) { nil }
        for _ in 0..<50 {
            clock.pass(idle: 0.5)
            #expect(busy.method(for: draft(4 << 20))?.level == 2)
            #expect(busy.method(for: draft(4 << 20, isOrdered: true))?.level == 3)
            #expect(busy.method(for: draft(4 << 20, kind: .tree))?.level == 3)
            #expect(silent.method(for: draft(4 << 20))?.level == 2)
        }
        let idle = CompressionEffort(.automatic, storedBytes: 0) { clock.read() }
        for _ in 0..<50 {
            clock.pass(idle: 1)
            #expect(idle.method(for: draft(100_000)) == Compressor.Method(level: 3))
        }
    }

    @Test("the little that is added to a large store is compressed harder, up to a part of it and up to a bound")
    func little() {
        let part = CompressionEffort(.automatic, storedBytes: 8 << 20, times: { nil })
        #expect(levels(part, draft(1 << 20), count: 3) == [8, 8, 3])
        // What is used up stays used up.
        #expect(part.method(for: draft(1_000))?.level == 3)
        let bound = CompressionEffort(.automatic, storedBytes: 1 << 40, times: { nil })
        #expect(levels(bound, draft(4 << 20), count: 6) == [8, 8, 8, 8, 2, 2])
        #expect(bound.deltaMethod == Compressor.Method(level: 3))
    }

    @Test("a level that was asked for is taken, whatever the machine does")
    func asked() {
        let clock = Clock()
        let effort = CompressionEffort(.level(9), storedBytes: 1 << 40) { clock.read() }
        for _ in 0..<20 {
            clock.pass(idle: 1)
            #expect(effort.method(for: draft(4 << 20)) == Compressor.Method(level: 9))
        }
        #expect(CompressionEffort(.off, storedBytes: 1 << 40).method(for: draft(4 << 20)) == nil)
    }
}
