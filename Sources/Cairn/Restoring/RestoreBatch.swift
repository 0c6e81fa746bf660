// unsafe: lends a buffer for comparing.
import ChunkStore
import Posix

/// Where a chunk belongs.
struct ChunkUse: Sendable {
    let offset: UInt64
    let length: UInt32
    /// The file, by its place in the batch.
    let file: Int32
}

/// Files and their chunks, as many as the plan's memory allows. They are compared with what is there; the chunks that are needed are looked
/// up, sorted by the blocks that hold them, and written block by block, so that each block is decoded once in a batch.
final class RestoreBatch {
    private let context: RestoreContext
    private let workers: RestoreWorkers
    private let compareWorkers: RestoreWorkers
    private var files: [RestoredFile] = []
    private var ids: [ChunkID] = []
    private var uses: [ChunkUse] = []
    /// The runs of chunks that are compared first.
    private var runs: [(file: Int, uses: Range<Int>)] = []
    private var bytes = 0

    /// What a file and a chunk take in memory, roughly.
    static let fileBytes = 1_200
    private static let useBytes = 112
    private static let runsAtOnce = 16

    init(_ context: RestoreContext, workers: RestoreWorkers) throws(CairnError) {
        self.context = context
        self.workers = workers
        // Their own threads, so that comparing does not wait behind what is being written.
        compareWorkers = try RestoreWorkers(threads: context.request.threads, costMax: 4 * context.request.threads)
    }

    func close() { compareWorkers.close() }

    /// Takes a file with the chunks of its content. What does not fit goes into further batches.
    func add(_ file: RestoredFile, content: Content, trees: TreeReader) throws(CairnError) {
        var offset: UInt64 = 0
        var first = begin(file)
        do throws(CairnError) {
            try trees.forEachChunk(of: content) { chunk throws(CairnError) in
                if bytes >= context.request.planBytes {
                    end(file, first)
                    flush()
                    first = begin(file)
                }
                ids.append(chunk.id)
                uses.append(ChunkUse(offset: offset, length: chunk.length, file: Int32(files.count - 1)))
                offset += UInt64(chunk.length)
                bytes += Self.useBytes
            }
        } catch {
            end(file, first)
            if error.code == .damaged || error.code == .missing { file.lose(offset..<offset, error) }
            file.settle(1)
            throw error
        }
        end(file, first)
        file.settle(1)
    }

    /// A run of the file's chunks begins.
    private func begin(_ file: RestoredFile) -> Int {
        files.append(file)
        bytes += Self.fileBytes + file.entry.name.count
        return uses.count
    }

    private func end(_ file: RestoredFile, _ first: Int) {
        file.expect(uses.count - first)
        if file.isCompared && first < uses.count { runs.append((files.count - 1, first..<uses.count)) }
    }

    /// Whether it is time to flush.
    var isFull: Bool { bytes >= context.request.planBytes }

    /// Has everything written that was taken. Returns when the work is handed out, not when it is done.
    func flush() {
        defer {
            files = []
            ids = []
            uses = []
            runs = []
            bytes = 0
        }
        if !runs.isEmpty { compare() }
        if uses.isEmpty { return }
        let share = max(1, bytes / uses.count)
        if context.ledger.isStopped { return settleAll() }
        let (files, ids, uses, context) = (files, ids, uses, context)
        do throws(StoreError) {
            for visit in try context.reader.visits(to: ids) {
                workers.submit(cost: visit.count * share, isLarge: true) {
                    Self.write(visit, ids, uses, files, context)
                }
            }
        } catch {
            context.ledger.stop(CairnError(error))
            settleAll()
        }
    }

    private func settleAll() {
        for use in uses { files[Int(use.file)].settle(1) }
    }

    // MARK: Comparing

    /// Compares the runs and keeps only the chunks that are needed.
    private func compare() {
        let (files, ids, uses) = (files, ids, uses)
        let needed = Monitor<[Int]>([])
        var rest = runs[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.runsAtOnce))
            rest = rest.dropFirst(some.count)
            compareWorkers.submit(cost: 1) {
                let longest = some.flatMap { $0.uses.map { Int(uses[$0].length) } }.max() ?? 0
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: longest, alignment: 64)
                defer { buffer.deallocate() }
                for run in some {
                    let found = files[run.file].compare(ids[run.uses], uses[run.uses], buffer: buffer)
                    needed.withLock { $0 += found }
                }
            }
        }
        compareWorkers.drain()
        var kept = needed.withLock { $0 }
        var next = 0
        for run in runs {
            kept += next..<run.uses.lowerBound
            next = run.uses.upperBound
        }
        kept += next..<uses.count
        kept.sort()
        self.ids = kept.map { ids[$0] }
        self.uses = kept.map { uses[$0] }
    }

    // MARK: Writing

    private static func write(
        _ visit: BlockVisit, _ ids: [ChunkID], _ uses: [ChunkUse], _ files: [RestoredFile], _ context: RestoreContext
    ) {
        guard !context.ledger.isStopped else {
            for index in visit.indices { files[Int(uses[index].file)].settle(1) }
            return
        }
        let failures = context.reader.lend(visit, of: ids) { write($0, uses, files, context) }
        for (index, error) in failures {
            let file = files[Int(uses[index].file)]
            if [.damaged, .missing, .unsupported].contains(error.code) {
                file.lose(
                    uses[index].offset..<uses[index].offset + UInt64(uses[index].length), CairnError(error))
            } else {
                context.ledger.stop(CairnError(error))
            }
            file.settle(1)
        }
    }

    /// Writes lent chunks file by file; neighbours in a file that are neighbours in the block too go in one call.
    private static func write(
        _ chunks: [LentChunk], _ uses: [ChunkUse], _ files: [RestoredFile], _ context: RestoreContext
    ) {
        let sorted = chunks.sorted {
            let (left, right) = (uses[$0.index], uses[$1.index])
            return (left.file, left.offset) < (right.file, right.offset)
        }
        if let first = sorted.first { context.ledger.working(on: files[Int(uses[first.index].file)].path) }
        var place = 0
        while place < sorted.count {
            let number = uses[sorted[place].index].file
            let file = files[Int(number)]
            var pieces: [RestoredFile.Piece] = []
            var count = 0
            while place < sorted.count, uses[sorted[place].index].file == number {
                let use = uses[sorted[place].index]
                // A chunk of another length than its entry says would reach into its neighbours.
                if sorted[place].bytes.count == Int(use.length) {
                    append(RestoredFile.Piece(offset: use.offset, bytes: sorted[place].bytes), to: &pieces)
                } else {
                    file.lose(
                        use.offset..<use.offset + UInt64(use.length),
                        CairnError(.damaged, "a chunk has another length than the snapshot says"))
                }
                place += 1
                count += 1
            }
            file.write(pieces)
            if !file.settle(count) { context.openFiles.opened(file) }
        }
    }

    private static func append(_ piece: RestoredFile.Piece, to pieces: inout [RestoredFile.Piece]) {
        if let last = pieces.last, last.offset + UInt64(last.bytes.count) == piece.offset,
            let start = last.bytes.baseAddress, start + last.bytes.count == piece.bytes.baseAddress
        {
            let joined = UnsafeRawBufferPointer(start: start, count: last.bytes.count + piece.bytes.count)
            pieces[pieces.count - 1] = RestoredFile.Piece(offset: last.offset, bytes: joined)
        } else {
            pieces.append(piece)
        }
    }
}
