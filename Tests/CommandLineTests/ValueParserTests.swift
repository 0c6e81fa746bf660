import CommandLine
import Testing

@Suite("Values")
struct ValueParserTests {
    /// The value, or the words of the problem.
    func outcome<Value>(_ parser: ValueParser<Value>, _ argument: ArgumentValue) -> String {
        do throws(ValueProblem) {
            return "\(try parser.parse(argument))"
        } catch {
            return "! \(error.message)"
        }
    }

    static let sizeTable: [(String, Int)] = [
        ("0", 0), ("512", 512), ("512B", 512), ("10k", 10240), ("10K", 10240), ("256M", 268_435_456),
        ("1GiB", 1_073_741_824), ("1gib", 1_073_741_824), ("3T", 3_298_534_883_328), ("1P", 1_125_899_906_842_624),
        ("7E", 8_070_450_532_247_928_832), ("9223372036854775807", Int.max),
    ]

    @Test("a size is digits and a binary unit", arguments: sizeTable)
    func sizes(text: String, size: Int) throws {
        #expect(try ValueParser.size().parse(ArgumentValue(text)) == size)
    }

    @Test(
        "what is no size is refused",
        arguments: ["", "M", "-1", "+1", "1.5G", "1GB", "1 M", "0x10", "1e3", "12Q", "1kk", "٣", "1M\u{301}"])
    func notSizes(text: String) {
        #expect(outcome(.size(), ArgumentValue(text)) == "! not a size")
    }

    @Test(
        "a size that does not fit is refused and does not overflow",
        arguments: ["8E", "9223372036854775808", "9000P0E"])
    func largeSizes(text: String) {
        #expect(outcome(.size(), ArgumentValue(text)).hasPrefix("! "))
    }

    @Test("bounds of sizes and counts are named")
    func bounds() {
        #expect(outcome(.size((64 << 20)...(1 << 40)), "1M") == "! less than 64 MiB")
        #expect(outcome(.size((64 << 20)...(1 << 40)), "2T") == "! more than 1 TiB")
        #expect(outcome(.count(1...64), "64") == "64")
        #expect(outcome(.count(1...64), "65") == "! not between 1 and 64")
        #expect(outcome(.count(1...Int.max), "0") == "! less than 1")
        #expect(outcome(.count(), "-1") == "! not a whole number")
        #expect(outcome(.count(), "99999999999999999999") == "! too large")
    }

    @Test("a percentage is a decimal number up to 100, and anything else must be a size")
    func percentages() {
        #expect(outcome(.percentageOrSize, "5%") == "percentage(5.0)")
        #expect(outcome(.percentageOrSize, "12.5%") == "percentage(12.5)")
        #expect(outcome(.percentageOrSize, "100%") == "percentage(100.0)")
        #expect(outcome(.percentageOrSize, "100.1%") == "! more than 100%")
        #expect(outcome(.percentageOrSize, "2G") == "size(2147483648)")
        for bad: ArgumentValue in ["%", ".5%", "5.%", "1e1%", "nan%", "inf%", "0x1p1%", "-5%", "5.5.5%"] {
            #expect(outcome(.percentageOrSize, bad) == "! not a percentage", "\(bad)")
        }
        #expect(outcome(.percentageOrSize, "5") == "size(5)")
    }

    @Test("a choice suggests the nearest and lists all")
    func choices() {
        #expect(outcome(ValueParser<Colour>.choice, "green") == "green")
        #expect(throws: ValueProblem("no such choice", hint: "did you mean \"green\"? it is one of: red, green, blue"))
        {
            try ValueParser<Colour>.choice.parse("gren")
        }
        #expect(throws: ValueProblem("no such choice", hint: "it is one of: red, green, blue")) {
            try ValueParser<Colour>.choice.parse(ArgumentValue(bytes: [0xFF]))
        }
    }

    @Test("a pair needs a key and an equals sign")
    func pairs() {
        #expect(outcome(.keyValue, "novalue") == "! not a pair")
        #expect(outcome(.keyValue, "=value") == "! not a pair")
        #expect(outcome(.keyValue, ArgumentValue(bytes: [0xFF, 0x3D])) == "! not valid UTF-8")
    }

    @Test("text must be UTF-8 and not empty; bytes must not be empty; a mapped parser adds its own rule")
    func texts() {
        #expect(outcome(.text, "") == "! it is empty")
        #expect(outcome(.text, ArgumentValue(bytes: [0xFF])) == "! not valid UTF-8")
        #expect(outcome(.file, "") == "! it is empty")
        let even = ValueParser.count().map { number throws(ValueProblem) in
            guard number % 2 == 0 else { throw ValueProblem("odd") }
            return number / 2
        }
        #expect(outcome(even, "8") == "4")
        #expect(outcome(even, "7") == "! odd")
    }

    @Test("sizes are shown with one digit behind the point where it says something")
    func shownSizes() {
        let shown = [0, 1023, 1024, 1536, 10 << 20, (10 << 20) + 1, 150 << 30, Int.max].map(ByteCount.text)
        #expect(shown == ["0 B", "1023 B", "1 KiB", "1.5 KiB", "10 MiB", "10 MiB", "150 GiB", "7.9 EiB"])
    }
}

@Suite("Suggestions")
struct SuggestionTests {
    @Test("the nearest word within a third of the length is suggested, or the only one that is begun")
    func nearest() {
        let words = ["snapshot", "snapshots", "restore", "stats", "ls"]
        #expect(Suggestion.nearest(to: "snapshto", among: words) == "snapshot")
        #expect(Suggestion.nearest(to: "restor", among: words) == "restore")
        #expect(Suggestion.nearest(to: "sl", among: words) == "ls")
        #expect(Suggestion.nearest(to: "res", among: words) == "restore")
        #expect(Suggestion.nearest(to: "snap", among: words) == nil)
        #expect(Suggestion.nearest(to: "frobnicate", among: words) == nil)
        #expect(Suggestion.nearest(to: "", among: words) == nil)
        #expect(Suggestion.nearest(to: String(repeating: "x", count: 1_000_000), among: words) == nil)
    }
}

@Suite("Printable text")
struct PrintableTextTests {
    @Test("what would move the cursor or is no text is escaped, everything else stays")
    func escapes() {
        #expect(PrintableText.escape("plain name") == "plain name")
        #expect(PrintableText.escape("a\nb\tc\rd") == "a\\nb\\tc\\rd")
        #expect(PrintableText.escape("\u{1B}[31m\u{7F}\u{9B}") == "\\x1B[31m\\x7F\\x9B")
        #expect(PrintableText.escape("\u{202E}exe.txt") == "\\u{202E}exe.txt")
        #expect(PrintableText.escape("grün 🍏 a\\b") == "grün 🍏 a\\\\b")
        #expect(PrintableText.escape(Array("a\\n".utf8)) == "a\\\\n" && PrintableText.escape("a\n") == "a\\n")
        #expect(PrintableText.escape([0x5C, 0xFF]) == "\\\\\\xFF")
        #expect(PrintableText.safe("cannot read a\\n\n\u{1B}") == "cannot read a\\n\\n\\x1B")
        #expect(PrintableText.escape([0x61, 0xFF, 0x0A, 0xC3, 0xBC, 0xE2, 0x82]) == "a\\xFF\\nü\\xE2\\x82")
        #expect(PrintableText.escape([0xF0, 0x9F, 0x8D, 0x8F, 0xC0, 0x80]) == "🍏\\xC0\\x80")
        #expect(PrintableText.escape([]) == "")
    }
}
