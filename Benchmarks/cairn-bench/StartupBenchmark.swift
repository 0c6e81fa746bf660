import Posix

/// How long the command takes to start, beside a program that does nothing.
enum StartupBenchmark {
    private static let runs = 100

    static func report(_ report: LimitTable, cairn: Path) throws {
        let cairn = cairn.string
        guard (try? Folder.status(Path(cairn))) != nil else {
            return report.fact("start-up", "not measured: \(cairn) is not built")
        }
        var own: [Double] = []
        var nothing: [Double] = []
        for _ in 0..<runs {
            nothing.append(try Child.run(["/bin/true"]))
            own.append(try Child.run([cairn, "version"]))
        }
        report.section("Start-up (limit: /bin/true, alternating, medians of \(runs))")
        report.add(
            .init(
                name: "cairn version", figure: own.median * 1_000, unit: "ms", goal: 5, isCost: true,
                note: "/bin/true \((nothing.median * 1_000).digits(2)) ms"))
    }
}
