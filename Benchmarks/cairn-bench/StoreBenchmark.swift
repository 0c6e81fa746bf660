import Bytes
import ChunkStore
import Crypto
import Posix
import Storage

/// Putting and getting, end to end, beside what the steps alone would take.
struct StoreBenchmark {
    let report: LimitTable
    let place: Path
    let threads: Int
    let rounds: Int
    /// When no further round begins; the first is always made.
    let deadline: Deadline
    /// Bytes a second that the disk keeps, from each round.
    private var disks: [Double] = []
    /// What the row of the disk's speed is called.
    static let diskRow = "writing and fsync, files of 64 MiB"

    init(report: LimitTable, place: Path, threads: Int, rounds: Int, deadline: Deadline) {
        self.report = report
        self.place = place
        self.threads = threads
        self.rounds = rounds
        self.deadline = deadline
    }

    /// One way of putting data, round for round.
    private struct Series {
        var speed: [Double] = []
        var ratio: [Double] = []
        var limit: [Double] = []

        mutating func add(bytes: Double, seconds: Double, limitSeconds: Double) {
            speed.append(bytes / seconds / 1e9)
            limit.append(bytes / limitSeconds / 1e9)
            ratio.append(limitSeconds / seconds)
        }
    }

    mutating func run(dataBytes: Int) throws {
        let real = try SampleData.real(byteCount: dataBytes)
        let random = try SampleData.random(byteCount: dataBytes)
        report.fact(
            "data", "\(real.count >> 20) MiB of real files, \(random.count >> 20) MiB of random bytes, from memory")
        var series: [String: Series] = [:]
        var limits: [StageLimits] = []
        for _ in 0..<rounds where limits.isEmpty || !deadline.isOver {
            let onReal = try StageLimits(real, threads: threads)
            let onRandom = try StageLimits(random, threads: threads)
            limits.append(onReal)
            for (name, data, limits) in [("compressible", real, onReal), ("incompressible", random, onRandom)] {
                try measureOnDisk(data, limits, name, &series)
                try measureInMemory(data, limits, name, &series)
            }
        }
        report.section("Steps alone, all \(threads) processors (medians of \(limits.count))")
        add("chunking, on one processor alone", limits.map(\.chunkingAlone), goal: 2.5)
        add("chunking", limits.map(\.chunking))
        add("SHA-256", limits.map(\.hashing))
        add("zstd -3", limits.map(\.compressing))
        add("zstd decoding", limits.map(\.decoding))
        add("AES-256-GCM", limits.map(\.sealing))
        add(Self.diskRow, disks)
        report.section(
            "Putting and getting, end to end, encrypted (limit: the steps alone, or the disk where that is slower)")
        for (name, goal) in [
            ("put new, compressible", 0.8), ("put new, incompressible", 0.8), ("put stored, compressible", nil),
            ("put stored, incompressible", nil), ("get, compressible", nil), ("get, incompressible", nil),
        ] as [(String, Double?)] {
            add(series[name], name, goal)
        }
        report.section(
            "The same without a disk, in /dev/shm (limit: the steps alone; hashing the pack for its name is none of them)"
        )
        for name in ["put new, compressible, no disk", "put new, incompressible, no disk"] {
            add(
                series[name], name, 0.8,
                note: series[name + ", both hashes"].map { "with that hash in the limit: \($0.ratio.median.digits(2))" }
            )
        }
    }

    private func add(_ series: Series?, _ name: String, _ goal: Double?, note: String? = nil) {
        guard let series else { return }
        let speed = series.speed.median
        report.add(
            .init(
                name: name, figure: speed, unit: "GB/s", limit: speed / series.ratio.median, goal: goal,
                note: note ?? ""))
    }

    private func add(_ name: String, _ values: [Double], goal: Double? = nil) {
        report.add(.init(name: name, figure: values.median / 1e9, unit: "GB/s", goal: goal))
    }

    private mutating func measureOnDisk(
        _ data: Buffer, _ limits: StageLimits, _ name: String, _ series: inout [String: Series]
    ) throws {
        let folder = place.appending("store")
        let store = try BenchmarkStore.make(folder)
        defer { BenchmarkStore.remove(folder) }
        let bytes = Double(data.count)
        let first = try MemoryPut.run(data, into: store, threads: threads)
        let disk = try DiskLimit.seconds(toStore: Int(first.statistics.storedBytes), of: data, in: folder)
        disks.append(Double(first.statistics.storedBytes) / disk)
        series["put new, \(name)", default: Series()].add(
            bytes: bytes, seconds: first.seconds,
            limitSeconds: max(disk, limits.putSeconds(bytes: bytes, first.statistics)))

        let again = try MemoryPut.run(data, into: store, threads: threads)
        series["put stored, \(name)", default: Series()].add(
            bytes: bytes, seconds: again.seconds, limitSeconds: limits.putSeconds(bytes: bytes, again.statistics))

        let reader = try store.reader()
        defer { reader.close() }
        let ids = first.chunks.map(\.id)
        let got = Monitor(0)
        let seconds = try Stopwatch.seconds {
            try reader.forEach(ids, threads: threads) { _, chunk in got.withLock { $0 += chunk.count } }
        }
        precondition(got.withLock { $0 } == data.count, "what came back has another length than what was put")
        series["get, \(name)", default: Series()].add(
            bytes: bytes, seconds: seconds,
            limitSeconds: limits.getSeconds(bytes: bytes, storedBytes: Double(first.statistics.storedBytes)))
    }

    /// Where the machine has a folder in memory.
    private func measureInMemory(
        _ data: Buffer, _ limits: StageLimits, _ name: String, _ series: inout [String: Series]
    ) throws {
        let memory = Path("/dev/shm")
        guard let folder = try? FileDescriptor.open(memory, [.read, .folder]),
            (try? folder.fileSystem().isMemory) == true,
            let free = try? Folder.freeBytes(memory), free > UInt64(2 * data.count)
        else { return }
        let place = memory.appending("cairn-bench-\(Machine.processID)")
        defer { BenchmarkStore.remove(place) }
        let bytes = Double(data.count)
        let put = try MemoryPut.run(data, into: BenchmarkStore.make(place), threads: threads)
        let least = limits.putSeconds(bytes: bytes, put.statistics)
        series["put new, \(name), no disk", default: Series()].add(
            bytes: bytes, seconds: put.seconds, limitSeconds: least)
        series["put new, \(name), no disk, both hashes", default: Series()].add(
            bytes: bytes, seconds: put.seconds,
            limitSeconds: least + Double(put.statistics.storedBytes) / limits.hashing)
    }
}

extension StageLimits {
    /// What a session's work takes at the least; its look-ups in a small catalog are not counted.
    fileprivate func putSeconds(bytes: Double, _ statistics: WriteSession.Statistics) -> Double {
        let newBytes = Double(statistics.newBytes)
        return putSeconds(
            bytes: bytes, newBytes: newBytes, storedBytes: newBytes * packed, chunks: 0, lookUpsPerSecond: 1)
    }
}

/// Puts a buffer's bytes as streams of 32 MiB, on several threads.
enum MemoryPut {
    struct Outcome {
        var seconds = 0.0
        var statistics = WriteSession.Statistics()
        var chunks: [ChunkReference] = []
    }

    private static let streamBytes = 32 << 20

    static func run(_ data: Buffer, into store: Store, threads: Int) throws -> Outcome {
        let session = try store.write(for: "benchmark")
        let chunks = Monitor<[ChunkReference]>([])
        let streams = Array(stride(from: 0, to: data.count, by: streamBytes))
        var outcome = Outcome()
        outcome.seconds = try Stopwatch.parallelSeconds(threads, items: streams.count) { index in
            var own: [ChunkReference] = []
            let stream = try session.stream { own.append($0) }
            try stream.write(data.bytes(streams[index]..<min(streams[index] + streamBytes, data.count)))
            try stream.finish()
            chunks.withLock { $0 += own }
        }
        outcome.seconds += try Stopwatch.seconds { try session.flush() }
        outcome.statistics = session.statistics
        outcome.chunks = chunks.withLock { $0 }
        session.close()
        return outcome
    }
}

/// Repositories to measure on: encrypted with a key file, unless sizes are to be exact, without padding.
enum BenchmarkStore {
    static func make(_ folder: Path, isEncrypted: Bool = true, tuning: StoreTuning = StoreTuning()) throws -> Store {
        var options = StoreOptions(cacheFolder: folder.appending("cache"))
        options.tuning = tuning
        try LocalDirectory.makeFolder(folder.appending("repository"))
        return try Store.create(
            in: LocalDirectory(folder.appending("repository")), encryption: isEncrypted ? .aes256GCM : .none,
            credentials: isEncrypted ? [KeyFileText.make().credential] : [],
            options: options)
    }

    static func remove(_ folder: Path) {
        guard let entries = try? Folder.entries(of: folder) else { return }
        for entry in entries {
            let path = folder.appending(Path(entry.name))
            if entry.kind == 4 { remove(path) } else { try? Folder.remove(path) }
        }
        try? Folder.removeEmpty(folder)
    }
}
