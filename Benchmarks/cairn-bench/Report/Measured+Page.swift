import BenchReport
import Posix

extension Measured {
    /// The page that a person reads.
    func page(_ comparisons: [Comparison]) -> String {
        var page = Markdown()
        page.heading(1, "Cairn beside other programs")
        page.paragraph(
            "The same work for each program, in turns, on the same machine; figures are medians, and memory is the most of all rounds;"
                + " less than the measuring program has itself, about 12 MiB, cannot be seen."
                + " Documentation/Measurements.md in Cairn's repository says how it is measured and what keeps it fair."
        )
        addSurroundings(to: &page)
        addPrograms(to: &page)
        addCorpora(to: &page)
        if !comparisons.isEmpty {
            page.heading(2, "At a glance")
            page.paragraph("Seconds of each work. “–” is no such work, or no figure: then the reason is below.")
            page.table(Glance(comparisons, order: table.peers.map(\.name)).table)
        }
        for comparison in comparisons {
            page.heading(2, comparison.title)
            page.paragraph(table.description(of: comparison.id))
            page.comparison(comparison)
            page.list(table.remarks(of: comparison.id))
        }
        addGoals(to: &page)
        limits?.add(to: &page)
        addMissing(to: &page)
        return page.text
    }

    private func addSurroundings(to page: inout Markdown) {
        page.heading(2, "Machine and run")
        var facts = MarkdownTable(["", ""], hasNumbers: false)
        for (name, value) in surroundings.facts { facts.add([name, value]) }
        if let disk = limits?.diskSpeed { facts.add(["disk, writing and fsync", disk]) }
        page.table(facts)
    }

    private func addPrograms(to page: inout Markdown) {
        page.heading(2, "Programs")
        var table = MarkdownTable(["program", "version", "what it does here", "file"], hasNumbers: false)
        for program in programs {
            let files = program.paths.map(\.string).joined(separator: ", ")
            table.add([program.kind.rawValue, program.said, program.kind.words, files])
        }
        page.table(table)
        page.list(absent.map { "Not here: \($0)" })
    }

    private func addCorpora(to page: inout Markdown) {
        let names = sources.keys.sorted { $0.rawValue < $1.rawValue }
        var table = MarkdownTable(
            ["corpus", "entries", "bytes", "what it is", "its SHA-256 begins with"], hasNumbers: false)
        for name in names {
            guard let digest = self.table.figures.corpora[name] else { continue }
            let paths = (sources[name] ?? []).map(\.string).joined(separator: ", ")
            let words = name == .history || name == .small ? name.words : "\(name.words): \(paths)"
            table.add([
                name.rawValue, digest.entries.grouped, digest.bytes.grouped, words, String(digest.digest.prefix(16)),
            ])
        }
        if table.isEmpty { return }
        page.heading(2, "Corpora")
        page.table(table)
    }

    private func addGoals(to page: inout Markdown) {
        let verdicts = Verdict.all(table.rows, table.peers, table.figures)
        if verdicts.isEmpty { return }
        page.heading(2, "Goals")
        page.paragraph(
            "What Cairn should reach. Goals against restic are meant for 0.19, and for the whole corpora that Documentation/Measurements.md describes;"
                + " \(verdicts.count(where: \.isMet)) of \(verdicts.count) are met here.")
        var goals = MarkdownTable(["work", "reached", "goal", ""], hasNumbers: false)
        for verdict in verdicts {
            goals.add([verdict.row.title, verdict.reached, verdict.asked, verdict.isMet ? "met" : "MISSED"])
        }
        page.table(goals)
    }

    private func addMissing(to page: inout Markdown) {
        page.heading(2, "Not measured, and why")
        let texts =
            absent.map { "Not here: \($0)" } + skipped.map { "Skipped: \($0)" }
            + table.figures.failures.map { "Left out: \($0)" }
        if texts.isEmpty { page.paragraph("Nothing was left out.") }
        page.list(texts)
    }
}
