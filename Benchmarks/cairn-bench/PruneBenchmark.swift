import ChunkStore
import Posix

/// A prune of a store of very many small chunks, every second of which is needed: so each is marked by itself, and every block is copied in part. The
/// process does nothing else beforehand but fill the store, and its peak is that of all of it.
struct PruneBenchmark {
    let place: Path
    let chunks: Int
    let threads: Int

    /// Chunk number so and so.
    private static func content(_ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: (number.littleEndian, number.littleEndian &* 0x9E37_79B9_7F4A_7C15, ~number)) { Array($0) }
    }

    private static func id(_ number: Int) -> ChunkID {
        content(UInt64(number)).withUnsafeBytes { ChunkID(of: $0) }
    }

    func run() throws {
        let store = try BenchmarkStore.make(place)
        let session = try store.write(for: "benchmark")
        let (chunks, threads) = (chunks, threads)
        let filling = try Stopwatch.parallelSeconds(threads) { thread in
            for number in stride(from: thread, to: chunks, by: threads) {
                try session.put(Self.content(UInt64(number)))
            }
        }
        try session.commit(
            Array("benchmark".utf8), references: [RootReference(kind: .data, id: Self.id(0))])
        session.close()
        let filled = Environment.peakMemoryBytes
        var outcome: PruneOutcome?
        let pruning = try Stopwatch.seconds {
            outcome = try store.prune { root, marks throws(StoreError) in
                for number in stride(from: 0, to: chunks, by: 2) { try marks.need(Self.id(number), .data) }
            }
        }
        let peak = Environment.peakMemoryBytes
        let again = try Stopwatch.seconds {
            _ = try store.prune { root, marks throws(StoreError) in
                for number in stride(from: 0, to: chunks, by: 2) { try marks.need(Self.id(number), .data) }
            }
        }
        let reader = try store.reader()
        defer { reader.close() }
        for number in stride(from: 0, to: chunks, by: max(2, chunks / 2_000 * 2)) {
            let isWhole = try reader.get(Self.id(number)) == Self.content(UInt64(number))
            precondition(isWhole, "chunk \(number) was needed and is another one")
        }
        guard let outcome else { return }
        print("\(chunks) chunks, every second needed")
        print("put: \(filling.digits(1)) s, \(filled >> 20) MiB at most")
        print("prune: \(pruning.digits(1)) s, \(peak >> 20) MiB at most (goal ≤ 256)")
        print(
            "  deleted \(outcome.deleted.packs) packs of \(outcome.deleted.bytes) bytes, written \(outcome.written.packs) of \(outcome.written.bytes)"
        )
        print("prune again: \(again.digits(1)) s, \(Environment.peakMemoryBytes >> 20) MiB at most")
    }
}
