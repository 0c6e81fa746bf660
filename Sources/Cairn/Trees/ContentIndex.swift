// unsafe: copies the bytes of chunks into memory that is lent.

internal import Bytes
internal import ChunkStore
internal import Posix

/// A content that is read at any place. It remembers the lists that it went through last; any thread may call.
public final class ContentIndex: Sendable {
    /// Items end to end, and where each begins; one start more than there are items.
    private struct Row<Item: Sendable>: Sendable {
        let items: [Item]
        let starts: [UInt64]

        init(_ items: [Item], at start: UInt64, length: (Item) -> UInt64) throws(CairnError) {
            self.items = items
            var starts = [start]
            starts.reserveCapacity(items.count + 1)
            for item in items {
                let (end, isTooMuch) = starts[starts.count - 1].addingReportingOverflow(length(item))
                if isTooMuch { throw CairnError(.damaged, "a content is longer than can be counted") }
                starts.append(end)
            }
            self.starts = starts
        }

        /// The end of the items, from one on, that begin less than so far behind a place, or before it.
        func end(from first: Int, within reach: UInt64, of place: UInt64) -> Int {
            var end = first
            while end < items.count, starts[end] < place || starts[end] - place < reach { end += 1 }
            return end
        }

        /// Which item has the byte at an offset; nil beyond the end.
        func index(at offset: UInt64) -> Int? {
            guard let end = starts.last, offset < end, offset >= starts[0] else { return nil }
            var (low, high) = (0, items.count)
            while high - low > 1 {
                let middle = (low + high) / 2
                if starts[middle] <= offset { low = middle } else { high = middle }
            }
            // Of items without bytes the last one that begins here is meant, which has some.
            return low
        }
    }

    private enum Node: Sendable {
        case inline([UInt8])
        case chunks(Row<ChunkReference>)
        case lists(depth: Int, Row<Content.ListReference>)
    }

    private struct Remembered {
        let id: ChunkID
        let start: UInt64
        let node: Node
    }

    private static let rememberedMax = 8
    /// Whoever reads no further gets by without a look at what comes later.
    private static let quietBytes: UInt64 = 16 << 20

    private let top: Node
    private let recurring: RecurringChunks?
    /// The lists used last, the latest first.
    private let remembered = Monitor<[Remembered]>([])

    /// Begins to read a content. Whoever goes through it from front to back gets chunks that come again from the room, where one is given.
    public init(_ content: Content, room: RecurrenceRoom? = nil) throws(CairnError) {
        top = try Self.node(content, at: 0)
        recurring = room.map(RecurringChunks.init)
    }

    private static func node(_ content: Content, at start: UInt64) throws(CairnError) -> Node {
        switch content {
        case .empty: .inline([])
        case .inline(let bytes): .inline(bytes)
        case .chunks(let chunks): .chunks(try Row(chunks, at: start) { UInt64($0.length) })
        case .lists(let depth, let lists): .lists(depth: depth, try Row(lists, at: start) { $0.byteCount })
        }
    }

    /// Fills the buffer from an offset on; returns how many bytes there were, fewer only at the end. What lies within `ahead` behind them is read ahead:
    /// whoever goes through a content from front to back wants it next.
    public func read(
        at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer, ahead: UInt64 = 0, through reader: TreeReader
    ) throws(CairnError) -> Int {
        if case .inline(let bytes) = top {
            guard offset < UInt64(bytes.count) else { return 0 }
            let part = bytes[Int(offset)...].prefix(buffer.count)
            buffer.copyBytes(from: part)
            return part.count
        }
        let recurring = ahead > 0 ? recurring(at: offset, through: reader) : nil
        var done = 0
        while done < buffer.count {
            let place = offset + UInt64(done)
            guard let (row, index) = try row(at: place, through: reader) else { break }
            let reach = UInt64(buffer.count - done)
            let end = row.end(from: index, within: reach, of: place)
            let last = ahead > 0 ? row.end(from: end, within: reach + min(ahead, UInt64(Int.max)), of: place) : end
            let kept = recurring?.kept(among: row.items[index..<last].lazy.map(\.id)) ?? [:]
            var skipped = Int(place - row.starts[index])
            var isShort = false
            func take(_ number: Int, _ bytes: UnsafeRawBufferPointer) {
                let item = row.items[number]
                isShort = isShort || bytes.count != item.length
                if isShort { return }
                let part = UnsafeRawBufferPointer(rebasing: bytes[skipped...].prefix(buffer.count - done))
                UnsafeMutableRawBufferPointer(rebasing: buffer[done...]).copyMemory(from: part)
                let isThrough = skipped + part.count == bytes.count
                recurring?.note(item.id, at: row.starts[number], bytes, isThrough: isThrough)
                done += part.count
                skipped = 0
            }
            var next = index
            while next < end, !isShort {
                if let bytes = kept[row.items[next].id] {
                    bytes.withUnsafeBytes { take(next, $0) }
                    next += 1
                    continue
                }
                let run = next..<(row.items[next..<end].firstIndex { kept[$0.id] != nil } ?? end)
                let following = row.items[run.upperBound..<last].lazy.map(\.id).filter { kept[$0] == nil }
                try storing { () throws(StoreError) in
                    try reader.chunks.lendInOrder(row.items[run].map(\.id), following: Array(following)) {
                        number, bytes in
                        take(run.lowerBound + number, bytes)
                    }
                }
                next = run.upperBound
            }
            if isShort { throw CairnError(.damaged, "a chunk is not as long as its list says") }
        }
        return done
    }

    /// What comes again around an offset, where that is worth knowing.
    private func recurring(at offset: UInt64, through reader: TreeReader) -> RecurringChunks? {
        guard let recurring, offset >= Self.quietBytes else { return nil }
        recurring.survey(offset) { offset in
            guard let (row, _) = try? row(at: offset, through: reader), let end = row.starts.last else {
                return nil
            }
            return (zip(row.items, row.starts).map { (id: $0.id, start: $1) }, end)
        }
        return recurring
    }

    /// The chunks around the byte at an offset, and which of them has it; nil beyond the end.
    private func row(
        at offset: UInt64, through reader: TreeReader
    ) throws(CairnError) -> (Row<ChunkReference>, index: Int)? {
        var node = top
        while true {
            switch node {
            case .inline: return nil
            case .chunks(let row): return row.index(at: offset).map { (row, $0) }
            case .lists(let depth, let row):
                guard let index = row.index(at: offset) else { return nil }
                node = try list(row.items[index], depth: depth, at: row.starts[index], through: reader)
            }
        }
    }

    private func list(
        _ list: Content.ListReference, depth: Int, at start: UInt64, through reader: TreeReader
    ) throws(CairnError) -> Node {
        let known = remembered.withLock { all -> Node? in
            guard let place = all.firstIndex(where: { $0.id == list.id && $0.start == start }) else { return nil }
            let found = all.remove(at: place)
            all.insert(found, at: 0)
            return found.node
        }
        if let known { return known }
        let node = try Self.node(Content(in: list, depth: depth, through: reader.chunks), at: start)
        remembered.withLock { all in
            all.insert(Remembered(id: list.id, start: start, node: node), at: 0)
            if all.count > Self.rememberedMax { all.removeLast() }
        }
        return node
    }

    /// Lends what lies in one block with the byte at an offset, and belongs to this content near it: stretches, each with its offset. Whoever has
    /// that block decoded already has all of it for little.
    public func lendNeighbours(
        of offset: UInt64, within reach: UInt64, through reader: TreeReader,
        _ body: (_ offset: UInt64, _ bytes: UnsafeRawBufferPointer) -> Void
    ) throws(CairnError) {
        guard let (row, index) = try row(at: offset, through: reader) else { return }
        let first = row.starts.firstIndex { $0 + reach >= row.starts[index] } ?? index
        var end = index + 1
        while end < row.items.count, row.starts[end] < row.starts[index] + reach { end += 1 }
        let ids = row.items[first..<end].map(\.id)
        let visits = try storing { () throws(StoreError) in try reader.chunks.visits(to: ids) }
        guard let visit = visits.first(where: { $0.indices.contains(index - first) }) else { return }
        _ = reader.chunks.lend(visit, of: ids) { chunks in
            var run: (offset: UInt64, bytes: UnsafeRawBufferPointer)?
            for chunk in chunks {
                let offset = row.starts[first + chunk.index]
                if let last = run, last.offset + UInt64(last.bytes.count) == offset,
                    last.bytes.baseAddress.map({ $0 + last.bytes.count }) == chunk.bytes.baseAddress
                {
                    run?.bytes = UnsafeRawBufferPointer(
                        start: last.bytes.baseAddress, count: last.bytes.count + chunk.bytes.count)
                    continue
                }
                if let last = run { body(last.offset, last.bytes) }
                run = (offset, chunk.bytes)
            }
            if let last = run { body(last.offset, last.bytes) }
        }
    }
}
