import ChunkStore
import Posix

/// Puts every file below a folder, on as many threads as there are processors, and reads it all back: a store's work on real data.
enum PutTree {
    struct Outcome {
        var bytes: UInt64 = 0
        var files = 0
        var seconds = 0.0
        var statistics = WriteSession.Statistics()
        var chunks: [ChunkReference] = []
    }

    static func files(below folder: Path) throws -> [Path] {
        var found: [Path] = []
        for entry in try Folder.entries(of: folder).sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            let path = folder.appending(Path(entry.name))
            if entry.kind == 4 { found += try files(below: path) } else if entry.kind == 8 { found.append(path) }
        }
        return found
    }

    static func run(_ files: [Path], into store: Store, threads: Int) throws -> Outcome {
        let start = Machine.monotonicNanoseconds
        let session = try store.write(for: "bench")
        let next = Monitor(0)
        let outcome = Monitor(Outcome())
        let failure = Monitor<(any Error)?>(nil)
        let workers = try (0..<threads).map { _ in
            try Thread("put") {
                do {
                    while true {
                        let index = next.withLock { index in
                            defer { index += 1 }
                            return index
                        }
                        guard index < files.count, failure.withLock({ $0 == nil }) else { return }
                        try put(files[index], session, outcome)
                    }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        for worker in workers { worker.join() }
        if let failure = failure.withLock({ $0 }) { throw failure }
        try session.flush()
        var result = outcome.withLock { $0 }
        result.statistics = session.statistics
        session.close()
        result.seconds = Double(Machine.monotonicNanoseconds - start) / 1e9
        return result
    }

    private static func put(_ path: Path, _ session: WriteSession, _ outcome: Monitor<Outcome>) throws {
        let file = try FileDescriptor.open(path, .read)
        var chunks: [ChunkReference] = []
        let stream = try session.stream(near: key(path)) { chunks.append($0) }
        var total = 0
        while true {
            let count = try stream.write(reading: { buffer throws(PosixError) in try file.read(into: buffer) }) {
                error in
                PosixError(call: "\(error)", path: path, errno: .inputOutput)
            }
            if count == 0 { break }
            total += count
        }
        try stream.finish()
        outcome.withLock { outcome in
            outcome.bytes += UInt64(total)
            outcome.files += 1
            outcome.chunks += chunks
        }
    }

    private static func key(_ path: Path) -> OrderKey {
        let name = Array(path.lastComponent)
        let suffix = name.lastIndex(of: UInt8(ascii: ".")).map { Array(name[($0 + 1)...]) } ?? []
        return OrderKey(suffix + [0] + name)
    }
}
