import BenchReport
import Testing

@Suite("Pages and tables")
struct MarkdownTests {
    private let comparison = Comparison(
        id: "first-usr", title: "first snapshot, usr",
        measures: [
            .init("seconds", .seconds, isCompared: true), .init("repository", .bytes, isCompared: true),
            .init("peak MiB", .memory),
        ],
        programs: [
            .init("cairn 1", isOwn: true, [2, 1_000_000, 1_048_576], range: 1.5...2.5),
            .init("tar|zstd", [5, 2_500_000, nil], range: 4...6),
            .init("zpaq", [nil, nil, nil]),
        ])

    @Test("a table has a line for each program, multiples of Cairn's figures, and a dash where one is missing")
    func table() {
        #expect(
            comparison.table.text == """
                | program | seconds | from–to | of Cairn's | repository | of Cairn's | peak MiB |
                | :-- | --: | --: | --: | --: | --: | --: |
                | cairn 1 | 2.000 | 1.500–2.500 | 1.00 × | 1,000,000 | 1.00 × | 1.0 |
                | tar\\|zstd | 5.000 | 4.000–6.000 | 2.50 × | 2,500,000 | 2.50 × | – |
                | zpaq | – | – | – | – | – | – |

                """)
    }

    @Test("a column without a figure is left out, and so are multiples where Cairn has none")
    func columns() {
        let comparison = Comparison(
            id: "row", title: "",
            measures: [.init("seconds", .seconds, isCompared: true), .init("repository", .bytes)],
            programs: [.init("cairn", isOwn: true, [nil, nil]), .init("cp", [1, nil])])
        #expect(
            comparison.table.text == """
                | program | seconds |
                | :-- | --: |
                | cairn | – |
                | cp | 1.000 |

                """)
    }

    @Test("all works at a glance: the programs in the order asked for, dashes where there is nothing")
    func glance() {
        let other = Comparison(
            id: "other", title: "other", measures: [.init("bytes", .bytes), .init("seconds", .seconds)],
            programs: [.init("find", [nil, 0.5]), .init("cairn 1", isOwn: true, [7])])
        #expect(
            Glance([comparison, other], order: ["nobody", "tar|zstd", "cairn 1"]).table.text == """
                | work | tar\\|zstd | cairn 1 | zpaq | find |
                | :-- | --: | --: | --: | --: |
                | first snapshot, usr | 5.000 | 2.000 | – | – |
                | other | – | – | – | 0.500 |

                """)
    }

    @Test("a page has headings, lists, tables and pictures with empty lines between, and leaves out what is empty")
    func page() {
        var page = Markdown()
        page.heading(1, "Title")
        page.paragraph("a*b <c> & [d]\n`e`")
        page.list(["one", "two"])
        page.list([])
        page.table(MarkdownTable(["head"]))
        page.code("make bench")
        #expect(
            page.text == """
                # Title

                a\\*b &lt;c> &amp; \\[d\\] \\`e\\`

                - one
                - two

                ```sh
                make bench
                ```

                """)
        page.comparison(comparison)
        #expect(page.text.contains("\n\n![first snapshot, usr](first-usr.svg)\n\n| program |"))
    }

    @Test(
        "figures are written with about three digits beside bars",
        arguments: [
            (Quantity.seconds, 0.0042, "0.004 s"), (.seconds, 9.996, "10.0 s"), (.seconds, 123.4, "123 s"),
            (.bytes, 0, "0 B"), (.bytes, 999.6, "1.00 kB"), (.bytes, 821_911_552, "822 MB"),
            (.bytes, 3_519_654_723, "3.52 GB"), (.memory, 15_204_352, "14.5 MiB"), (.ratio, 0.288, "0.29 ×"),
        ])
    func short(quantity: Quantity, value: Double, text: String) { #expect(quantity.short(value) == text) }

    @Test(
        "figures are written in full in tables",
        arguments: [
            (Quantity.seconds, 0.0042, "0.004"), (.bytes, 821_911_552, "821,911,552"), (.bytes, -1_000, "-1,000"),
            (.memory, 183_291_085, "174.8"), (.ratio, 0.0253, "0.025 ×"), (.ratio, 28.914, "28.91 ×"),
            (.seconds, .nan, "–"),
        ])
    func exact(quantity: Quantity, value: Double, text: String) { #expect(quantity.exact(value) == text) }
}
