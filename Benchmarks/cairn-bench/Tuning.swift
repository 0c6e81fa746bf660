import ChunkStore
import Posix

/// Compares chunk profiles, block sizes and windows on real trees: what they store, how fast, in how many chunks.
struct Tuning {
    let place: Path
    let threads: Int

    func run(_ folders: [Path]) throws {
        for folder in folders {
            let files = try SampleData.files(below: folder)
            print("\n\(folder): \(files.count) files")
            print("| variant | stored MB | of plain | chunks | seconds |\n|---|---|---|---|---|")
            for (name, tuning) in variants { try measure(name, tuning, files) }
        }
    }

    private var variants: [(String, StoreTuning)] {
        let standard = StoreTuning()
        func tiers(_ tiers: (from: UInt64, bytes: Int)...) -> StoreTuning {
            var tuning = standard
            tuning.averageChunkBytes = tiers
            return tuning
        }
        func blocks(_ bytes: Int, window: Int) -> StoreTuning {
            var tuning = standard
            tuning.blockBytes = bytes
            tuning.windowBytes = window
            return tuning
        }
        return [
            ("standard", standard),
            ("chunks of 16 KiB", tiers((0, 16 << 10))),
            ("chunks of 16 KiB, from 1 MiB 32", tiers((0, 16 << 10), (1 << 20, 32 << 10))),
            ("chunks of 16 KiB, from 1 MiB 64", tiers((0, 16 << 10), (1 << 20, 64 << 10))),
            ("chunks of 16 KiB, from 1 MiB 128", tiers((0, 16 << 10), (1 << 20, 128 << 10))),
            ("chunks of 16 KiB, from 16 MiB 32", tiers((0, 16 << 10), (16 << 20, 32 << 10))),
            (
                "chunks of 16 KiB, from 1 MiB 32, from 64 MiB 64",
                tiers((0, 16 << 10), (1 << 20, 32 << 10), (64 << 20, 64 << 10))
            ),
            ("chunks of 8 KiB, from 1 MiB 32", tiers((0, 8 << 10), (1 << 20, 32 << 10))),
            ("chunks of 32 KiB, from 1 MiB 64", tiers((0, 32 << 10), (1 << 20, 64 << 10))),
            ("chunks of 64 KiB, from 1 MiB 256", tiers((0, 64 << 10), (1 << 20, 256 << 10))),
            ("chunks of 1 MiB, as restic's", tiers((0, 1 << 20))),
            ("blocks 1 MiB, window 48 MiB", blocks(1 << 20, window: 48 << 20)),
            ("blocks 2 MiB, window 48 MiB", blocks(2 << 20, window: 48 << 20)),
            ("blocks 8 MiB, window 48 MiB", blocks(8 << 20, window: 48 << 20)),
            ("blocks 4 MiB, window 8 MiB", blocks(4 << 20, window: 8 << 20)),
            ("blocks 4 MiB, window 24 MiB", blocks(4 << 20, window: 24 << 20)),
            ("blocks 4 MiB, window 96 MiB", blocks(4 << 20, window: 96 << 20)),
            ("blocks 4 MiB, window 192 MiB", blocks(4 << 20, window: 192 << 20)),
        ]
    }

    private func measure(_ name: String, _ tuning: StoreTuning, _ files: [Path]) throws {
        let folder = place.appending("tuning")
        defer { BenchmarkStore.remove(folder) }
        let store = try BenchmarkStore.make(folder, isEncrypted: false, tuning: tuning)
        let outcome = try FilePut.run(files, into: store, threads: threads)
        let statistics = outcome.statistics
        let stored = Double(statistics.storedBytes) / 1e6
        let share = Double(statistics.storedBytes) / Double(statistics.newBytes + statistics.knownBytes)
        print(
            "| \(name) | \(stored.digits(1)) | \((100 * share).digits(1)) % | \(statistics.dataChunks) | \(outcome.seconds.digits(1)) |"
        )
    }
}

/// Puts files, each as a stream, on several threads; alike names are neighbours in the window.
enum FilePut {
    struct Outcome {
        var seconds = 0.0
        var statistics = WriteSession.Statistics()
    }

    static func run(_ files: [Path], into store: Store, threads: Int) throws -> Outcome {
        let session = try store.write(for: "benchmark")
        var outcome = Outcome()
        outcome.seconds = try Stopwatch.parallelSeconds(threads, items: files.count) { try put(files[$0], session) }
        outcome.seconds += try Stopwatch.seconds { try session.flush() }
        outcome.statistics = session.statistics
        session.close()
        return outcome
    }

    private static func put(_ path: Path, _ session: WriteSession) throws {
        let file = try FileDescriptor.open(path, .read)
        let stream = try session.stream(near: key(path)) { _ in }
        while true {
            let count = try stream.write(reading: { buffer throws(PosixError) in try file.read(into: buffer) }) {
                error in
                PosixError(call: "\(error)", path: path, errno: .inputOutput)
            }
            if count == 0 { break }
        }
        try stream.finish()
    }

    private static func key(_ path: Path) -> OrderKey {
        let name = Array(path.lastComponent)
        let suffix = name.lastIndex(of: UInt8(ascii: ".")).map { Array(name[($0 + 1)...]) } ?? []
        return OrderKey(suffix + [0] + name)
    }
}
