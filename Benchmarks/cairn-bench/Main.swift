import Glibc
import Posix

@main
enum Main {
    static func main() throws {
        Heap.returnMemoryEarly()
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            let words = ["peers", "mount"].contains(arguments.first) ? Array(arguments.dropFirst()) : arguments
            let hasOptions = words != arguments || words.first?.hasPrefix("--") == true
            try run(arguments, EndToEndOptions(hasOptions ? words : []))
        } catch {
            print("cairn-bench: \(error)")
            exit(error is Interruption.Seen ? 130 : 1)
        }
    }

    private static func run(_ arguments: [String], _ options: EndToEndOptions) throws {
        switch arguments.first {
        case "read-at-random": return try MountReading.atRandom(Path(arguments.last ?? ""))
        case "read-all": return try MountReading.all(arguments.dropFirst().map { Path($0) })
        default: break
        }
        let base = options.scratch ?? Path(Environment.value("CAIRN_BENCH_DIR") ?? Machine.temporaryFolder)
        let place = try Folder.absolute(base).appending("cairn-bench-\(Machine.processID)")
        try Folder.makeAll(place)
        defer { BenchmarkStore.remove(place) }
        let threads = Machine.processorCount
        switch arguments.first {
        case "peers":
            try EndToEnd(options: options, scratch: place, threads: threads).run()
                .write(to: options.results, json: options.json)
        case "mount": try MountBenchmark(options: options, scratch: place, threads: threads).run()
        case "store":
            print("processor: \(Environment.processor), \(threads) of them\nfolder: \(place.parent)")
            try store(LimitTable(), place: place, threads: threads, Deadline(minutes: 0))
        case "catalog":
            let chunks = arguments.count > 1 ? Int(arguments[1]) ?? 0 : 0
            guard chunks > 0 else { return usage() }
            print(try CatalogBenchmark(place: place, chunks: chunks, threads: threads).run().line)
        case "prune":
            let chunks = arguments.count > 1 ? Int(arguments[1]) ?? 0 : 0
            guard chunks > 0 else { return usage() }
            try PruneBenchmark(place: place, chunks: chunks, threads: threads).run()
        case "tune": try Tuning(place: place, threads: threads).run(arguments.dropFirst().map { Path($0) })
        case nil: try all(options, place: place, threads: threads)
        case .some(let word) where word.hasPrefix("--"): try all(options, place: place, threads: threads)
        default: usage()
        }
    }

    private static func usage() {
        print(
            """
            usage: cairn-bench [OPTIONS]       everything, beside other programs and the limits of this machine
                   cairn-bench peers [OPTIONS] the command beside other programs
                   cairn-bench mount [OPTIONS] snapshots as folders, beside restic's: --corpora, --rounds, --peers,
                                               --scratch and --cairn of the options below, and --tasks of
                                               names,status,sequential,random,small
                   cairn-bench store           putting and getting alone
                   cairn-bench catalog N       look-ups among N chunks
                   cairn-bench prune N         a prune of N chunks, of which every second is needed
                   cairn-bench tune FOLDER…    chunk profiles, block sizes and windows on real trees

            Options of everything and "peers":
              --corpora DIR   trees to measure on: usr, toolchain, releases, noise, each if it is there
                              (else /usr/share with /usr/include, and the Swift toolchain)
              --rounds N      medians of so many (3; 1 of rows named growth), as long as --minutes N allow
                              (8; 0 for no limit); no program is started later, and what is not measured then is named
              --rows A,B      only rows whose names begin so, for example first,restore-usr
              --peers A,B     beside Cairn only programs whose names begin so, for example "restic 0.19,borg"
              --results DIR   where report.md with its pictures, and report.json with all figures, go (bench-results)
              --json FILE     another place for all figures
              --scale X       sizes of the sources of rows named growth, as a multiple of the usual ones (1)
              --scratch DIR   the folder to work in
              --cairn FILE    the command to measure (else the one beside this program; CAIRN_BENCH_CAIRN)
            CAIRN_BENCH_RESTIC names restics to measure besides the one on PATH, with colons between.
            CAIRN_BENCH_DIR names the folder to work in (else TMPDIR, else /var/tmp).
            """)
    }

    private static func all(_ options: EndToEndOptions, place: Path, threads: Int) throws {
        // For the store, whose measuring ends not much later than it says.
        let deadline = Deadline(minutes: options.minutes == 0 ? 0 : options.minutes + 3)
        // First, while this process is small: see Child.
        var measured = try EndToEnd(options: options, scratch: place, threads: threads).run()
        if deadline.isOver {
            measured.skipped.append("the store beside the limits of its steps: time was over; cairn-bench store")
            return try measured.write(to: options.results, json: options.json)
        }
        // For the case that what follows fails.
        try measured.write(to: options.results, json: options.json)
        let limits = LimitTable()
        measured.limits = limits
        try StartupBenchmark.report(limits, cairn: options.cairn)
        try store(limits, place: place, threads: threads, deadline)
        let sizes = options.minutes == 0 ? [1_000_000, 10_000_000] : deadline.isOver ? [] : [1_000_000]
        try CatalogBenchmark.report(limits, place: place, sizes: sizes)
        for size in [1_000_000, 10_000_000] where !sizes.contains(size) {
            measured.skipped.append("a store of \(size.grouped) chunks, for want of time: cairn-bench catalog \(size)")
        }
        try measured.write(to: options.results, json: options.json)
    }

    private static func store(_ report: LimitTable, place: Path, threads: Int, _ deadline: Deadline) throws {
        var benchmark = StoreBenchmark(report: report, place: place, threads: threads, rounds: 3, deadline: deadline)
        try benchmark.run(dataBytes: 512 << 20)
    }
}
