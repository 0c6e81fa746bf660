import Bytes
import ChunkStore
import Posix

/// Look-ups in a store of very many chunks, stored data put into it, and the memory that all of it takes.
///
/// The chunks are real: each has 24 bytes and can be read back. Each size runs in a process of its own, so that its peak is its own.
struct CatalogBenchmark {
    let place: Path
    let chunks: Int
    let threads: Int

    /// What the process measured; printed as a line for the one that collects.
    struct Outcome {
        var fillSeconds = 0.0
        var hitsPerSecond = 0.0
        var missesPerSecond = 0.0
        var storedBytesPerSecond = 0.0
        var storedLimit = 0.0
        var peakBytes = 0.0

        var line: String {
            "\(fillSeconds) \(hitsPerSecond) \(missesPerSecond) \(storedBytesPerSecond) \(storedLimit) \(peakBytes)"
        }

        init() {}

        init?(line: String) {
            let values = line.split(separator: " ").compactMap { Double($0) }
            guard values.count == 6 else { return nil }
            (fillSeconds, hitsPerSecond, missesPerSecond) = (values[0], values[1], values[2])
            (storedBytesPerSecond, storedLimit, peakBytes) = (values[3], values[4], values[5])
        }
    }

    static func report(_ report: LimitTable, place: Path, sizes: [Int]) throws {
        if sizes.isEmpty { return }
        report.section("Very many chunks (memory ceiling 256 MiB)")
        for size in sizes {
            let output = place.appending("catalog-\(size).txt")
            _ = try Child.run([Child.ownPath, "catalog", "\(size)"], output: output.string)
            let text = String(decoding: try SmallFile.read(output, limit: 4_096), as: UTF8.self)
            guard let outcome = Outcome(line: text.split(separator: "\n").first.map(String.init) ?? "") else {
                continue
            }
            let name = "\(size / 1_000_000) million chunks: "
            report.add(
                .init(
                    name: name + "put, all new", figure: Double(size) / outcome.fillSeconds / 1_000, unit: "thousand/s")
            )
            report.add(.init(name: name + "look-ups, there", figure: outcome.hitsPerSecond / 1_000, unit: "thousand/s"))
            report.add(
                .init(name: name + "look-ups, not there", figure: outcome.missesPerSecond / 1_000, unit: "thousand/s"))
            report.add(
                .init(
                    name: name + "put stored data", figure: outcome.storedBytesPerSecond / 1e9, unit: "GB/s",
                    limit: outcome.storedLimit / 1e9, goal: 0.7))
            report.add(
                .init(
                    name: name + "peak memory", figure: outcome.peakBytes / 1_048_576, unit: "MiB", goal: 256,
                    isCost: true))
        }
    }

    /// Chunk number so and so.
    private static func content(_ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: (number.littleEndian, ~number.littleEndian, number.littleEndian &* 0x9E37_79B9_7F4A_7C15)) {
            Array($0)
        }
    }

    func run() throws -> Outcome {
        var outcome = Outcome()
        let store = try BenchmarkStore.make(place)
        let session = try store.write(for: "benchmark")
        let (chunks, threads) = (chunks, threads)
        outcome.fillSeconds = try Stopwatch.parallelSeconds(threads) { thread in
            for number in stride(from: thread, to: chunks, by: threads) {
                try session.put(Self.content(UInt64(number)))
            }
        }
        outcome.fillSeconds += try Stopwatch.seconds { try session.flush() }
        session.close()

        let reader = try store.reader()
        outcome.hitsPerSecond = try lookUps(reader, in: 0..<UInt64(chunks), expected: true)
        outcome.missesPerSecond = try lookUps(reader, in: UInt64(chunks)..<UInt64(2 * chunks), expected: false)
        reader.close()

        let data = try SampleData.real(byteCount: 256 << 20)
        _ = try MemoryPut.run(data, into: store, threads: threads)
        var speeds: [Double] = []
        var limits: [Double] = []
        for _ in 0..<3 {
            let limit = try StageLimits(data, threads: threads, all: false)
            let again = try MemoryPut.run(data, into: store, threads: threads)
            speeds.append(Double(data.count) / again.seconds)
            limits.append(
                Double(data.count)
                    / limit.putSeconds(
                        bytes: Double(data.count), newBytes: 0, storedBytes: 0, chunks: Double(again.chunks.count),
                        lookUpsPerSecond: outcome.hitsPerSecond * Double(threads)))
        }
        outcome.storedBytesPerSecond = speeds.median
        outcome.storedLimit = limits.median
        outcome.peakBytes = Double(Environment.peakMemoryBytes - data.capacity)
        return outcome
    }

    /// Look-ups of random chunks a second on one processor; making their ids is not counted.
    private func lookUps(_ reader: ChunkReader, in range: Range<UInt64>, expected: Bool) throws -> Double {
        var random = SystemRandomNumberGenerator()
        let ids = (0..<200_000).map { _ in
            Self.content(UInt64.random(in: range, using: &random)).withUnsafeBytes { ChunkID(of: $0) }
        }
        let seconds = try Stopwatch.seconds {
            for id in ids {
                let isThere = try reader.contains(id)
                precondition(isThere == expected, "the catalog is wrong about \(id)")
            }
        }
        return Double(ids.count) / seconds
    }
}
