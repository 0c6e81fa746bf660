import Bytes
import Posix

/// Decoded blocks, as many as the budget allows; the longest unused goes first. Whoever wants a block that another thread is
/// decoding waits for that instead of doing it again.
final class BlockCache: Sendable {
    private struct Entry {
        /// Nil while somebody decodes it.
        var plain: Buffer?
        var lastUse: Int
        /// Whether a reader has asked for it, or only the read-ahead.
        var isTouched: Bool
        /// Chunks that have been found to be what their ids promise, by where they lie: who reads one piece by piece need not hash it each time.
        var proven: [Range<Int>: ChunkID] = [:]
    }

    private struct Entries {
        var byKey: [BlockKey: Entry] = [:]
        var bytes = 0
        var clock = 0

        /// Whether the decoding that began then is still the one that others wait for.
        func isLoading(_ key: BlockKey, since began: Int) -> Bool {
            byKey[key].map { $0.plain == nil && $0.lastUse == began } ?? false
        }
    }

    private let limitBytes: Int
    private let shelf: BufferShelf
    private let entries = Monitor(Entries())

    /// Buffers that fall out of the cache, and that nobody reads any more, go to the shelf.
    init(limitBytes: Int, shelf: BufferShelf) {
        self.limitBytes = limitBytes
        self.shelf = shelf
    }

    /// The block, from the cache or by `load`. `isFirstTouch` tells whether no reader had asked for it before.
    func block(
        _ key: BlockKey, ahead: Bool = false, load: () throws(StoreError) -> Buffer
    ) throws(StoreError) -> (plain: Buffer, isFirstTouch: Bool) {
        var began = 0
        let found: (Buffer, Bool)? = entries.update(when: { $0.byKey[key].map { $0.plain != nil } ?? true }) {
            entries in
            entries.clock += 1
            guard let entry = entries.byKey[key], let plain = entry.plain else {
                began = entries.clock
                entries.byKey[key] = Entry(plain: nil, lastUse: began, isTouched: false)
                return nil
            }
            entries.byKey[key]?.lastUse = entries.clock
            if !ahead { entries.byKey[key]?.isTouched = true }
            return (plain, !entry.isTouched)
        }
        if let found { return found }
        do throws(StoreError) {
            let plain = try load()
            entries.update { entries in
                // If everything was forgotten meanwhile, the key may mean another block by now.
                guard entries.isLoading(key, since: began) else { return }
                entries.clock += 1
                entries.byKey[key] = Entry(plain: plain, lastUse: entries.clock, isTouched: !ahead)
                entries.bytes += plain.capacity
                evict(from: &entries, except: key)
            }
            return (plain, true)
        } catch {
            entries.update { if $0.isLoading(key, since: began) { $0.byKey[key] = nil } }
            throw error
        }
    }

    /// Whether the block is here or on its way.
    func contains(_ key: BlockKey) -> Bool { entries.withLock { $0.byKey[key] != nil } }

    /// Whether a chunk in a block has the bytes that its id promises. What was found out of these very bytes is remembered as long as they are here.
    func isGood(_ id: ChunkID, _ range: Range<Int>, of plain: Buffer, _ key: BlockKey) -> Bool {
        areGood([(id, range)], of: plain, key)[0]
    }

    /// The same of several chunks of one block: hashed beside one another they take less time.
    func areGood(_ chunks: [(id: ChunkID, range: Range<Int>)], of plain: Buffer, _ key: BlockKey) -> [Bool] {
        var isGood = entries.withLock { entries in
            guard let entry = entries.byKey[key], entry.plain === plain else {
                return [Bool](repeating: false, count: chunks.count)
            }
            return chunks.map { entry.proven[$0.range] == $0.id }
        }
        let unknown = chunks.indices.filter { !isGood[$0] }
        if unknown.isEmpty { return isGood }
        let found = ChunkID.ids(of: unknown.map { plain.bytes(chunks[$0].range) })
        for (index, id) in zip(unknown, found) where id == chunks[index].id { isGood[index] = true }
        entries.withLock { entries in
            guard entries.byKey[key]?.plain === plain else { return }
            for index in unknown where isGood[index] {
                entries.byKey[key]?.proven[chunks[index].range] = chunks[index].id
            }
        }
        return isGood
    }

    /// Forgets everything, also what is being decoded, for example because pack numbers mean something else now.
    func removeAll() {
        entries.update { entries in
            entries.byKey = [:]
            entries.bytes = 0
        }
    }

    private func evict(from entries: inout Entries, except kept: BlockKey) {
        while entries.bytes > limitBytes {
            let oldest = entries.byKey.lazy.filter { $0.value.plain != nil && $0.key != kept }
                .map { (key: $0.key, lastUse: $0.value.lastUse) }.min { $0.lastUse < $1.lastUse }
            guard let key = oldest?.key, var plain = entries.byKey.removeValue(forKey: key)?.plain else { return }
            entries.bytes -= plain.capacity
            if isKnownUniquelyReferenced(&plain) { shelf.give(back: plain) }
        }
    }
}
