import BenchReport

extension LimitTable {
    /// What the disk keeps, where that was measured.
    var diskSpeed: String? {
        sections.flatMap(\.rows).first { $0.name == StoreBenchmark.diskRow }.map { "\($0.figure.digits(2)) \($0.unit)" }
    }

    /// Its sections as tables.
    func add(to page: inout Markdown) {
        page.heading(2, "The store beside the limits of its steps")
        page.list(facts.map { "\($0): \($1)" })
        for section in sections where !section.rows.isEmpty {
            page.heading(3, section.title)
            var table = MarkdownTable(["", "figure", "limit", "ratio", "goal", "", "note"], hasNumbers: false)
            for row in section.rows {
                let digits = row.digits
                table.add([
                    row.name, "\(row.figure.digits(digits)) \(row.unit)", row.limit?.digits(digits) ?? "",
                    row.ratio?.digits(2) ?? "", row.asked, row.verdict, row.note,
                ])
            }
            page.table(table)
        }
    }
}
