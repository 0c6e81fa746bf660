// unsafe: chunks are copied to their places in one stretch of memory by several threads, each to places of its own.

import Bytes
import ChunkStore
import Posix

/// Goes through a tree in the order of paths and has the bytes of small files at hand when their turn comes.
///
/// The repository keeps small files in the order of their extensions within windows of some dozens of megabytes, so whoever reads them in the
/// order of paths would decode the same blocks again and again. Here the chunks of the next files, as many as memory is given for, are read in the
/// order in which they lie, each block once. Large files lie in their own order and are read when their turn comes.
final class LookAhead {
    private let reader: TreeReader
    private let threads: Int
    private let memory: Buffer
    private let cancellation: Cancellation?
    private var items: [Item] = []
    private var chunks: [ChunkID] = []
    private var places: [Int] = []
    private var metadataBytes = 0

    private struct Item {
        let path: [UInt8]
        let entry: TreeEntry
        var range: Range<Int>?
    }

    /// Files from this size on are read when their turn comes.
    private static let fileBytesMax: UInt64 = 1 << 20

    init(_ reader: TreeReader, byteCount: Int, threads: Int, cancellation: Cancellation?) {
        self.reader = reader
        self.threads = threads
        self.cancellation = cancellation
        memory = Buffer(capacity: max(byteCount, Int(Self.fileBytesMax)))
    }

    /// Calls the body with everything below a directory, in the order of paths, each directory before what is in it.
    func forEach(
        below top: TreeEntry,
        _ body: (_ path: [UInt8], _ entry: TreeEntry, _ bytes: FileBytes?) throws(CairnError) -> Void
    ) throws(CairnError) {
        try reader.walk(top) { path, entry throws(CairnError) in
            try cancellation?.check()
            try take(path, entry, body)
            return true
        }
        try emit(body)
    }

    private func take(
        _ path: [UInt8], _ entry: TreeEntry, _ body: ([UInt8], TreeEntry, FileBytes?) throws(CairnError) -> Void
    ) throws(CairnError) {
        var item = Item(path: path, entry: entry)
        // The names and attributes of what waits take memory too.
        let weight = 256 + path.count + entry.attributes.reduce(0) { $0 + $1.value.count }
        if metadataBytes + weight > memory.capacity / 4 { try emit(body) }
        metadataBytes += weight
        if case .file(let size, .chunks(let all), _, _) = entry.node, size <= Self.fileBytesMax {
            if memory.count + Int(size) > memory.capacity { try emit(body) }
            let start = memory.count
            for chunk in all {
                chunks.append(chunk.id)
                places.append(memory.count)
                memory.count += Int(chunk.length)
            }
            item.range = start..<memory.count
        }
        items.append(item)
    }

    private func emit(_ body: ([UInt8], TreeEntry, FileBytes?) throws(CairnError) -> Void) throws(CairnError) {
        defer {
            items.removeAll(keepingCapacity: true)
            chunks.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
            memory.count = 0
            metadataBytes = 0
        }
        let isFilled = try fill()
        for item in items {
            try cancellation?.check()
            do throws(CairnError) {
                try body(item.path, item.entry, bytes(of: item, isHeld: isFilled))
            } catch { throw error.reading(item.path) }
        }
    }

    private func bytes(of item: Item, isHeld: Bool) -> FileBytes? {
        guard case .file(_, let content, _, _) = item.entry.node else { return nil }
        if isHeld, let range = item.range { return FileBytes(place: .held(memory, range)) }
        return FileBytes(place: .read(content, reader))
    }

    /// Reads what waits. False where not all of it could be had: then each file is read when its turn comes, and it shows which one is lost.
    private func fill() throws(CairnError) -> Bool {
        if chunks.isEmpty { return true }
        let (memory, places) = (memory, places)
        let ends = Array(places.dropFirst()) + [memory.count]
        let isWrong = Monitor(false)
        do throws(StoreError) {
            try reader.chunks.forEach(chunks, threads: threads) { index, bytes in
                // A chunk has the bytes of its id, yet a tree may say another length.
                guard bytes.count == ends[index] - places[index] else { return isWrong.withLock { $0 = true } }
                memory.memory[places[index]..<ends[index]].copyBytes(from: bytes)
            }
        } catch {
            guard [.damaged, .missing].contains(error.code) else { throw CairnError(error) }
            return false
        }
        return !isWrong.withLock { $0 }
    }
}

extension CairnError {
    /// Says which file the bytes were missed for.
    fileprivate func reading(_ path: [UInt8]) -> CairnError {
        guard [.damaged, .missing].contains(code) else { return self }
        return CairnError(
            code, "cannot read \"\(Path(path))\" of the snapshot: \(message)", path: self.path, remedy: remedy)
    }
}
