import Posix

@main
enum Main {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let place = Path(Machine.temporaryFolder).appending("cairn-bench-\(Machine.processID)")
        try Folder.makeAll(place)
        defer { BenchmarkStore.remove(place) }
        let report = Report()
        report.fact("processor", "\(Environment.processor), \(Machine.processorCount) of them")
        switch arguments.first {
        case nil, "store": try StoreBenchmark(report: report, place: place, threads: Machine.processorCount, rounds: 3).run(dataBytes: 512 << 20)
        default: print("usage: cairn-bench [store]")
        }
        try report.write(to: Path("bench-results/store.json"))
    }
}
