// unsafe: copies the bytes of chunks that are lent.

internal import ChunkStore
internal import Posix

/// Memory for chunks that come again in the contents that are read. Several contents share it.
public final class RecurrenceRoom: Sendable {
    private let free: Monitor<Int>

    /// Room for so much.
    public init(bytes: Int) { free = Monitor(bytes) }

    fileprivate func take(_ byteCount: Int) -> Bool {
        free.withLock { free in
            guard byteCount <= free else { return false }
            free -= byteCount
            return true
        }
    }

    fileprivate func giveBack(_ byteCount: Int) { free.withLock { $0 += byteCount } }
}

/// The chunks that come again in a content, kept from where they are read first to where they come last. They are few, and lie in blocks that are long out
/// of the cache by then: without this a whole block would be decoded again for each of them.
final class RecurringChunks: Sendable {
    private struct State {
        /// The stretch of the content that was looked through.
        var stretch: Range<UInt64> = 0..<0
        /// Of chunks that come more than once in the stretch, where they begin for the last time.
        var lastStarts: [ChunkID: UInt64] = [:]
        var kept: [ChunkID: [UInt8]] = [:]
    }

    /// So many chunks a stretch has, and some more, for whole rows are taken. While it is looked through, two MiB are needed beside the room.
    private static let stretchChunks = 1 << 15

    private let room: RecurrenceRoom
    private let state = Monitor(State())

    init(in room: RecurrenceRoom) { self.room = room }

    deinit { state.withLock { room.giveBack($0.kept.values.reduce(0) { $0 + $1.count }) } }

    /// Sees to it that a stretch with an offset was looked through. `row` gives chunks side by side, one of which has the byte at an offset, each with where
    /// it begins, and the end of the last; nil at the end of the content, and where nothing can be read: whoever comes there will be told.
    func survey(_ offset: UInt64, _ row: (UInt64) -> (chunks: [(id: ChunkID, start: UInt64)], end: UInt64)?) {
        state.withLock { state in
            if state.stretch.contains(offset) { return }
            var starts: [ChunkID: UInt64] = [:]
            var lastStarts: [ChunkID: UInt64] = [:]
            var (begin, end, count) = (offset, offset, 0)
            while count < Self.stretchChunks, let (chunks, next) = row(end), next > end {
                for (id, start) in chunks where starts.updateValue(start, forKey: id) != nil { lastStarts[id] = start }
                begin = min(begin, chunks.first?.start ?? begin)
                count += chunks.count
                end = next
            }
            guard end > offset else { return }
            // What was kept may come in this stretch only once.
            for id in state.kept.keys {
                if let last = starts[id] { lastStarts[id] = last } else { drop(id, &state) }
            }
            state.stretch = begin..<end
            state.lastStarts = lastStarts
        }
    }

    /// The bytes of those chunks that are kept.
    func kept(among ids: some Sequence<ChunkID>) -> [ChunkID: [UInt8]] {
        state.withLock { state in
            var found: [ChunkID: [UInt8]] = [:]
            if !state.kept.isEmpty { for id in ids { found[id] = state.kept[id] } }
            return found
        }
    }

    /// A chunk that begins there was read, to its end if `isThrough`.
    func note(_ id: ChunkID, at start: UInt64, _ bytes: UnsafeRawBufferPointer, isThrough: Bool) {
        state.withLock { state in
            guard let last = state.lastStarts[id] else { return }
            if start < last {
                if state.kept[id] == nil, room.take(bytes.count) { state.kept[id] = Array(bytes) }
            } else if isThrough {
                drop(id, &state)
            }
        }
    }

    private func drop(_ id: ChunkID, _ state: inout State) {
        if let bytes = state.kept.removeValue(forKey: id) { room.giveBack(bytes.count) }
    }
}
