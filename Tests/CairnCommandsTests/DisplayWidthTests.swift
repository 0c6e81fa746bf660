import Testing

@testable import CairnCommands

@Suite("Columns of text")
struct DisplayWidthTests {
    @Test("wide characters take two columns, combining ones none")
    func columns() {
        let cases = [
            ("", 0), ("abc", 3), ("grün", 4), ("gru\u{308}n", 4), ("日本", 4), ("ｶﾅ", 2), ("한글", 4), ("Ａ", 2),
            ("🍏", 2), ("☁", 1), ("☁\u{FE0F}", 2), ("a\u{200B}b", 2), ("Ω", 1), ("⌚", 2), ("\u{20000}", 2), ("…", 1),
        ]
        for (text, columns) in cases { #expect(DisplayWidth.of(text) == columns, "\(text)") }
    }

    @Test("what is too long loses its middle and keeps more of its end")
    func shortened() {
        let path = "/home/anna/projects/cairn/Sources/Main.swift"
        #expect(DisplayWidth.shortened(path, to: 44) == path)
        #expect(DisplayWidth.shortened(path, to: 43) == "/home/anna/pro…cts/cairn/Sources/Main.swift")
        #expect(DisplayWidth.shortened(path, to: 19) == "/home/…s/Main.swift")
        #expect(DisplayWidth.shortened(path, to: 2) == "…t")
        #expect(DisplayWidth.shortened(path, to: 1) == "…")
        #expect(DisplayWidth.shortened(path, to: 0) == "")
    }

    @Test("no character is cut in two, and no width is exceeded")
    func whole() {
        let text = "日本語/gru\u{308}n/👩\u{200D}👩\u{200D}👧/e\u{301}e\u{301}e\u{301}/한글"
        for width in 0...40 {
            let short = DisplayWidth.shortened(text, to: width)
            #expect(DisplayWidth.of(short) <= width)
            let allowed = Set(text).union(["…"])
            #expect(short.allSatisfy { allowed.contains($0) }, "\(short)")
        }
    }

    @Test(
        "a message is broken at spaces, and goes on behind a word that the terminal breaks",
        arguments: [
            ("one two three", 8, 6, ["one two", "three"]), ("one  two", 20, 18, ["one  two"]), ("", 8, 6, [""]),
            ("/a/long/path: is not there", 8, 6, ["/a/long/path: is", "not", "there"]),
            ("see /a/path/here", 8, 6, ["see", "/a/path/here"]),
        ])
    func filled(text: String, first: Int, next: Int, lines: [String]) {
        #expect(DisplayWidth.filled(text, first: first, next: next) == lines)
    }
}
