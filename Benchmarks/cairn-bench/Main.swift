import Posix

@main
enum Main {
    static func main() throws {
        Heap.returnMemoryEarly()
        let arguments = Array(CommandLine.arguments.dropFirst())
        let base = Path(Environment.value("CAIRN_BENCH_DIR") ?? Machine.temporaryFolder)
        let place = try Folder.absolute(base).appending("cairn-bench-\(Machine.processID)")
        try Folder.makeAll(place)
        defer { BenchmarkStore.remove(place) }
        let threads = Machine.processorCount
        switch arguments.first {
        case nil: try all(place: place, threads: threads)
        case "store": try store(Report(), place: place, threads: threads)
        case "catalog":
            let chunks = arguments.count > 1 ? Int(arguments[1]) ?? 0 : 0
            guard chunks > 0 else { return usage() }
            print(try CatalogBenchmark(place: place, chunks: chunks, threads: threads).run().line)
        case "tune": try Tuning(place: place, threads: threads).run(arguments.dropFirst().map { Path($0) })
        default: usage()
        }
    }

    private static func usage() {
        print(
            """
            usage: cairn-bench                 everything, beside the limits of this machine
                   cairn-bench store           putting and getting alone
                   cairn-bench catalog N       look-ups among N chunks
                   cairn-bench tune FOLDER…    chunk profiles, block sizes and windows on real trees
            CAIRN_BENCH_DIR names the folder to work in (else TMPDIR, else /var/tmp).
            """)
    }

    private static func all(place: Path, threads: Int) throws {
        let report = Report()
        try store(report, place: place, threads: threads)
        try CatalogBenchmark.report(report, place: place, sizes: [1_000_000, 10_000_000])
        try StartupBenchmark.report(report)
        try report.write(to: Path("bench-results/store.json"))
    }

    private static func store(_ report: Report, place: Path, threads: Int) throws {
        report.fact("processor", "\(Environment.processor), \(threads) of them")
        report.fact("folder", "\(place.parent)")
        var benchmark = StoreBenchmark(report: report, place: place, threads: threads, rounds: 3)
        try benchmark.run(dataBytes: 512 << 20)
    }
}
