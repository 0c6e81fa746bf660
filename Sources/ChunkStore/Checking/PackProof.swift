import Bytes
import Compression
import Crypto
import Posix

/// Proves packs: one thread reads each file once from its beginning to its end and hashes it, others open and decode the blocks meanwhile and hash
/// every chunk. What was read and waits is bounded in bytes. Delta blocks wait until there are many, and are proven in the order of their bases. One thread
/// may submit.
final class PackProof {
    /// What came of a pack.
    struct Outcome: Sendable {
        enum Verdict: Sendable {
            case good
            case bad
            /// Nothing can be said of its blocks.
            case unreadable(StoreError)
        }

        let name: PackName
        let verdict: Verdict
        let findings: [StoreFinding]
    }

    /// A pack of which blocks are still being proven.
    private final class Pending: Sendable {
        let file: PackFile
        let sealer: Sealer
        private let state: Monitor<(blocks: Int, findings: [StoreFinding])>

        init(_ file: PackFile, sealer: Sealer, blocks: Int) {
            self.file = file
            self.sealer = sealer
            // The file's own name counts as one more.
            state = Monitor((blocks + 1, []))
        }

        /// Settles one block; the findings of all, in order, when it was the last.
        func settle(_ found: [StoreFinding]) -> [StoreFinding]? {
            state.withLock { state in
                state.blocks -= 1
                state.findings += found
                return state.blocks == 0 ? state.findings.sorted { ($0.block ?? -1) < ($1.block ?? -1) } : nil
            }
        }
    }

    private struct Work: Sendable {
        let pack: Pending
        let place: BlockPlace
        let block: PackDirectory.Block
        let stored: Buffer
    }

    /// What all threads share.
    private final class Shared: Sendable {
        let repository: Repository
        let reader: ChunkReader
        let storedShelf: BufferShelf
        let plainShelf: BufferShelf
        let waitingBytes = Monitor(0)
        let outcomes = Monitor<[Outcome]>([])
        let failure = Monitor<StoreError?>(nil)

        init(_ repository: Repository, reader: ChunkReader, budget: Budget) {
            self.repository = repository
            self.reader = reader
            storedShelf = BufferShelf(bufferBytes: budget.blockBytes, kept: 2 * budget.workers + 2)
            plainShelf = BufferShelf(bufferBytes: budget.blockBytes, kept: budget.workers)
        }

        /// Gives back what a block's stored bytes take.
        func finish(_ work: Work) {
            storedShelf.give(back: work.stored)
            waitingBytes.update { $0 -= Int(work.block.storedBytes) }
        }
    }

    private let shared: Shared
    private let workers: Stage<Work>
    private let waitingBytesMax: Int
    private let hash = SHA256Stream()
    private var deltas: [Work] = []
    private var deltaBytes = 0
    /// So many delta blocks wait at most, whatever they take.
    private static let deltasMax = 4_096

    init(_ repository: Repository, reader: ChunkReader, budget: Budget) throws(StoreError) {
        let shared = Shared(repository, reader: reader, budget: budget)
        self.shared = shared
        waitingBytesMax = budget.totalBytes / 8
        workers = try Stage(named: "check", workers: budget.workers, capacity: 64) {
            let decoder = Result { () throws(StoreError) in try BlockDecoder(repository, shelf: shared.plainShelf) }
            return { work in Self.prove(work, decoder, shared) }
        }
    }

    /// Waits until everything that was submitted is proven.
    func drain() {
        proveDeltas()
        workers.drain()
    }

    private func proveDeltas() {
        guard !deltas.isEmpty else { return }
        defer { (deltas, deltaBytes) = ([], 0) }
        do throws(StoreError) {
            var rounds = try BaseRounds(deltas.map(\.block.bases), shared.reader)
            while let indices = try rounds.next() {
                for index in indices { workers.submit(deltas[index]) }
                // The bases of the next ones take the place of theirs.
                workers.drain()
            }
        } catch { shared.failure.withLock { $0 = error } }
    }

    func close() { workers.close() }

    /// What has been settled since the last call. Throws what has nothing to do with the packs.
    func takeOutcomes() throws(StoreError) -> [Outcome] {
        if let failure = shared.failure.withLock({ $0 }) { throw failure }
        return shared.outcomes.withLock { outcomes in
            defer { outcomes = [] }
            return outcomes
        }
    }

    /// Reads a pack and hands its blocks on. `onRead` gets the bytes read so far, and answers whether to go on.
    func submit(_ name: PackName, bytes: UInt64, onRead: (UInt64) -> Bool) throws(StoreError) {
        let file = shared.repository.pack(name)
        do throws(StoreError) {
            let directory = try file.directory(packBytes: bytes)
            let pending = Pending(file, sealer: try file.sealer(), blocks: directory.blocks.count)
            hash.reset()
            try read(file, directory, bytes, pending, onRead)
        } catch {
            shared.outcomes.withLock { $0.append(Outcome(name: name, verdict: .unreadable(error), findings: [])) }
        }
    }

    private func read(
        _ file: PackFile, _ directory: PackDirectory, _ bytes: UInt64, _ pending: Pending, _ onRead: (UInt64) -> Bool
    ) throws(StoreError) {
        try hashRange(of: file, 0..<UInt64(Header.byteCount))
        for (number, offset, block) in directory.placedBlocks {
            let count = Int(block.storedBytes)
            shared.waitingBytes.update(when: { $0 == 0 || $0 + count <= waitingBytesMax }) { $0 += count }
            let stored = shared.storedShelf.take(count)
            stored.count = count
            do throws(StoreError) {
                try file.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: stored.memory[..<count]))
            } catch {
                shared.waitingBytes.update { $0 -= count }
                throw error
            }
            hash.update(stored.bytes)
            let place = BlockPlace(
                pack: file.name, number: UInt32(number), offset: offset, storedBytes: count,
                plainBytes: Int(block.plainBytes), codec: block.codec, bases: block.bases)
            submit(Work(pack: pending, place: place, block: block, stored: stored))
            guard onRead(offset + UInt64(count)) else { return }
        }
        try hashRange(of: file, UInt64(Header.byteCount) + directory.storedBytes..<bytes)
        _ = onRead(bytes)
        var found: [StoreFinding] = []
        if hash.finish() != file.name.id {
            found = [
                StoreFinding(
                    .pack, .damage, "its content does not fit its name, which is its SHA-256", path: file.path,
                    remedy: "\"cairn repair\" stores what can be read of it anew", pack: file.name)
            ]
        }
        Self.settle(pending, found, shared)
    }

    private func submit(_ work: Work) {
        if work.block.bases.isEmpty {
            workers.submit(work)
            return
        }
        // They are small, and the shelf's buffers are not.
        deltas.append(
            Work(pack: work.pack, place: work.place, block: work.block, stored: Buffer(copying: work.stored.bytes)))
        deltaBytes += work.stored.count
        shared.finish(work)
        if deltaBytes > waitingBytesMax / 2 || deltas.count > Self.deltasMax { proveDeltas() }
    }

    private func hashRange(of file: PackFile, _ range: Range<UInt64>) throws(StoreError) {
        let piece = shared.storedShelf.take()
        defer { shared.storedShelf.give(back: piece) }
        var offset = range.lowerBound
        while offset < range.upperBound {
            piece.count = Int(min(UInt64(piece.capacity), range.upperBound - offset))
            try file.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: piece.memory[..<piece.count]))
            hash.update(piece.bytes)
            offset += UInt64(piece.count)
        }
    }

    // MARK: On the workers

    private static func settle(_ pack: Pending, _ found: [StoreFinding], _ shared: Shared) {
        guard let findings = pack.settle(found) else { return }
        shared.outcomes.withLock {
            $0.append(Outcome(name: pack.file.name, verdict: findings.isEmpty ? .good : .bad, findings: findings))
        }
    }

    private static func prove(_ work: Work, _ decoder: Result<BlockDecoder, StoreError>, _ shared: Shared) {
        defer { if work.block.bases.isEmpty { shared.finish(work) } }
        let prefix: Buffer?
        do throws(StoreError) { prefix = try shared.reader.prefix(of: work.place) } catch {
            guard error.isAboutStored else { return shared.failure.withLock { $0 = error } }
            // No fault of this pack, unless the bases lie in it.
            let place = error.path.map { $0 == work.pack.file.path ? "" : " (\($0))" } ?? ""
            let message = "block \(work.place.number) of the pack is a difference from chunks that cannot be read: "
            return settle(
                work.pack, [finding(.block, message + error.message + place, work, work.block.chunks)], shared)
        }
        var found: [StoreFinding] = []
        do throws(StoreError) {
            let plain = try decoder.get().decode(
                work.stored.bytes, of: work.place, sealer: work.pack.sealer, prefix: prefix)
            found = wrongChunks(work, plain)
            shared.plainShelf.give(back: plain)
        } catch {
            guard error.isAboutStored else { return shared.failure.withLock { $0 = error } }
            found = [finding(.block, error.message, work, work.block.chunks)]
        }
        settle(work.pack, found, shared)
    }

    private static func wrongChunks(_ work: Work, _ plain: Buffer) -> [StoreFinding] {
        let chunks = work.block.placedChunks.map { chunk, offset in
            plain.bytes(offset..<offset + Int(chunk.length))
        }
        let wrong = zip(work.block.chunks, ChunkID.ids(of: chunks)).filter { $0.id != $1 }.map(\.0)
        guard !wrong.isEmpty else { return [] }
        let noun = wrong.count == 1 ? "1 chunk does" : "\(wrong.count) chunks do"
        let message = "\(noun) not have the bytes that the id promises, in block \(work.place.number) of the pack"
        return [finding(.chunk, message, work, wrong)]
    }

    private static func finding(
        _ kind: StoreFinding.Kind, _ message: String, _ work: Work, _ chunks: [ChunkReference]
    ) -> StoreFinding {
        StoreFinding(
            kind, .damage, message, path: work.pack.file.path,
            remedy: "\"cairn repair\" takes what is lost from other copies", pack: work.place.pack,
            block: Int(work.place.number), copies: chunks.map { RootReference(kind: work.block.kind, id: $0.id) })
    }
}
