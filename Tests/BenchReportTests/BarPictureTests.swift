import BenchReport
import Testing

@Suite("Pictures of bars")
struct BarPictureTests {
    private func picture(_ figures: [Double?], name: String = "other") -> String {
        let programs = figures.enumerated().map { index, figure in
            Comparison.Program("\(name) \(index)", isOwn: index == 0, [figure])
        }
        return BarPicture(
            Comparison(
                id: "row", title: "A <row> & \"more\"", measures: [.init("seconds", .seconds)], programs: programs)
        ).svg
    }

    /// The widths of the bars, in their order.
    private func widths(_ svg: String) -> [Double] {
        svg.split(separator: "\n").filter { $0.hasPrefix("<rect ") }.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("width=") }.flatMap { Double($0.dropFirst(7).dropLast()) }
        }
    }

    @Test("each tag that is opened is closed, and names that look like tags are none")
    func wellFormed() throws {
        let svg = picture([1, 2, nil], name: "a<b>'c'\"&\u{1}")
        try TagBalance.expect(svg)
        #expect(svg.contains("a&lt;b&gt;&#39;c&#39;&quot;&amp;? 0"))
        #expect(svg.contains("<title>A &lt;row&gt; &amp; &quot;more&quot;</title>"))
    }

    @Test("bars are as long as their figures say, from nothing on")
    func scale() {
        let widths = widths(picture([1, 2, 4]))
        #expect(widths.count == 3)
        #expect(abs(widths[1] - 2 * widths[0]) < 0.11 && abs(widths[2] - 2 * widths[1]) < 0.11)
    }

    @Test("what is a ten-thousandth of the longest can still be seen, and nothing has no bar")
    func extremes() {
        let svg = picture([0.001, 10, 0])
        #expect(widths(svg).count == 2)
        #expect(widths(svg)[0] == 1)
        #expect(svg.contains(">0.001 s<") && svg.contains(">10.0 s<") && svg.contains(">0.000 s<"))
    }

    @Test("a figure that is missing is a dash", arguments: [nil, Double.nan, .infinity, -1] as [Double?])
    func missing(figure: Double?) throws {
        let svg = picture([1, figure])
        try TagBalance.expect(svg)
        #expect(widths(svg).count == 1)
        #expect(svg.contains(">–<"))
    }

    @Test("no bar leaves the picture, however long the names and however many the measures")
    func bounds() throws {
        let measures = (0..<4).map { Comparison.Measure("measure \($0)", .bytes) }
        let name = String(repeating: "long ", count: 40)
        let svg = BarPicture(
            Comparison(
                id: "row", title: "", measures: measures,
                programs: [.init(name, [1e12, 1, 2, 3]), .init("b", [1, 1, 1, 1])])
        ).svg
        try TagBalance.expect(svg)
        for line in svg.split(separator: "\n") where line.hasPrefix("<rect ") || line.hasPrefix("<text ") {
            let words = line.split(separator: " ")
            let place = words.first { $0.hasPrefix("x=") }.flatMap { Double($0.dropFirst(3).dropLast()) } ?? 0
            let width = words.first { $0.hasPrefix("width=") }.flatMap { Double($0.dropFirst(7).dropLast()) } ?? 0
            #expect(place >= 0 && width >= 0 && place + width < 880, "\(line)")
        }
    }

    @Test("the same figures give the same bytes, with nothing from elsewhere in them")
    func deterministic() {
        let svg = picture([3, 2, 1])
        #expect(svg == picture([3, 2, 1]))
        #expect(svg.contains("prefers-color-scheme: dark"))
        #expect(!svg.contains("href") && !svg.contains("url("))
    }

    @Test("a comparison of nothing is a picture all the same")
    func empty() throws { try TagBalance.expect(picture([])) }
}
