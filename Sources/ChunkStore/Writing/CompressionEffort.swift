import Compression
import Posix

/// Chooses how each draft is compressed. Where the choice is ours the data decide, and how much of the machine lies idle: while the source or the
/// disk sets the pace, what the processors do meanwhile costs no time. And the little that is added to a large store is compressed harder, for its
/// time is soon over and its bytes stay. All workers share one.
final class CompressionEffort: Sendable {
    /// The level of a rung; the first is the data's own.
    private static let rungs: [Int32?] = [nil, 5, 6]
    /// How much of the machine has to lie idle for the next rung: the first step takes nearly three times the work, the second a third more.
    private static let idleForNext = [0.6, 0.35, 1]
    /// With less than this idle it goes a rung down.
    private static let idleToStay = 0.15
    private static let blocksBetweenLooks = 8
    /// Shorter stretches say little: 0.3 s of one processor.
    private static let ticksBetweenLooks: UInt64 = 30
    /// Small blocks come from changes here and there, and are soon done.
    private static let largeBytes = 1 << 20
    /// What is added to a store first, up to so much and up to this part of what lies there: nearly half a second of one processor at most.
    private static let littleBytes: UInt64 = 16 << 20
    private static let littlePart: UInt64 = 4
    /// Its level, the smallest of those that take no more than six times the work.
    private static let littleLevel: Int32 = 8
    /// No level is higher where somebody waits for the end.
    private static let hurriedLevel: Int32 = 2

    private struct State {
        var rung = 0
        var blocks = 0
        var last: Machine.ProcessorTimes?
        /// Of what is added, so much may still take its time.
        var little: UInt64
        var isHurried = false
    }

    private let level: CompressionLevel
    private let times: @Sendable () -> Machine.ProcessorTimes?
    private let state: Monitor<State>

    /// The effort of a session that adds to a store of so many bytes.
    init(
        _ level: CompressionLevel, storedBytes: UInt64,
        times: @escaping @Sendable () -> Machine.ProcessorTimes? = { Machine.processorTimes() }
    ) {
        self.level = level
        self.times = times
        state = Monitor(
            State(
                last: level == .automatic ? times() : nil,
                little: min(Self.littleBytes, storedBytes / Self.littlePart)))
    }

    /// Whether anything is compressed at all.
    var isOff: Bool { level == .off }

    /// Somebody waits for the end: whatever is left is compressed quickly.
    func hurry() { state.withLock { $0.isHurried = true } }

    private var isHurried: Bool { state.withLock { $0.isHurried } }

    /// The level that is asked for, or a quick one in a hurry; nil for not compressing.
    private var ownLevel: Int32? {
        guard let own = level.zstdLevel else { return nil }
        return isHurried ? min(own, Self.hurriedLevel) : own
    }

    /// How a draft is compressed whole; nil for not at all.
    func method(for draft: BlockDraft) -> Compressor.Method? {
        guard let own = ownLevel else { return nil }
        guard level == .automatic, !isHurried, draft.bases.isEmpty else { return Compressor.Method(level: own) }
        if takesLittle(draft.plain.count) { return Compressor.Method(level: Self.littleLevel) }
        guard draft.plain.count > Self.largeBytes else {
            return Compressor.Method(level: own)
        }
        if let higher = Self.rungs[rung()] { return Compressor.Method(level: higher) }
        // Tables that fit the inner caches (`Documentation/Measurements.md`): where a large file's stream passes, whose matches are mostly near or
        // long, a quicker level and small ones; not for trees, where the same ids come again far apart.
        return draft.isOrdered || draft.kind == .tree
            ? Compressor.Method(level: own, tables: .init(chainLog: 15, hashLog: 18))
            : Compressor.Method(level: 2, tables: .init(chainLog: 14, hashLog: 16))
    }

    /// Counts a block against what may take its time; false when that is used up.
    private func takesLittle(_ byteCount: Int) -> Bool {
        state.withLock { state in
            guard state.little >= byteCount else {
                state.little = 0
                return false
            }
            state.little -= UInt64(byteCount)
            return true
        }
    }

    /// How a difference is compressed.
    var deltaMethod: Compressor.Method? { ownLevel.map { Compressor.Method(level: $0) } }

    /// Counts a block, and looks now and then how the machine does.
    private func rung() -> Int {
        state.withLock { state in
            state.blocks += 1
            guard state.blocks >= Self.blocksBetweenLooks, let last = state.last, let now = times(),
                now.total >= last.total + Self.ticksBetweenLooks
            else { return state.rung }
            let idle = Double(max(now.idle, last.idle) - last.idle) / Double(now.total - last.total)
            if idle > Self.idleForNext[state.rung] {
                state.rung += 1
            } else if idle < Self.idleToStay, state.rung > 0 {
                state.rung -= 1
            }
            state.blocks = 0
            state.last = now
            return state.rung
        }
    }
}
