import Testing

@testable import CairnCommands

@Suite("Quantities")
struct QuantityTests {
    @Test("bytes have three significant digits and the unit that keeps them so")
    func bytes() {
        let cases: [(Int, String)] = [
            (-5, "0 B"), (0, "0 B"), (999, "999 B"), (1000, "0.98 KiB"), (1024, "1.00 KiB"), (1536, "1.50 KiB"),
            (10_234, "9.99 KiB"), (10_240, "10.0 KiB"), (102_400, "100 KiB"), (1_022_976, "999 KiB"),
            (1_023_488, "0.98 MiB"), (1 << 20, "1.00 MiB"), (1_324_997_411, "1.23 GiB"), (5 << 40, "5.00 TiB"),
            (.max, "8.00 EiB"),
        ]
        for (count, text) in cases { #expect(Quantity.bytes(count) == text, "\(count)") }
    }

    @Test("rates are bytes a second, whatever number comes in")
    func rates() {
        #expect(Quantity.rate(bytesPerSecond: 105 * 1_048_576) == "105 MiB/s")
        #expect(Quantity.rate(bytesPerSecond: 0.4) == "0 B/s")
        for odd in [-1.0, .nan, -.infinity] { #expect(Quantity.rate(bytesPerSecond: odd) == "0 B/s") }
        #expect(Quantity.rate(bytesPerSecond: .infinity) == "8.00 EiB/s")
    }

    @Test("durations show hours where there are some, and round down")
    func durations() {
        let cases = [
            (0.0, "0:00"), (7.9, "0:07"), (754, "12:34"), (3599.9, "59:59"), (3723, "1:02:03"), (360_000, "100:00:00"),
            (-3, "0:00"),
        ]
        for (seconds, text) in cases { #expect(Quantity.duration(seconds: seconds) == text) }
        #expect(Quantity.duration(seconds: .infinity).hasSuffix(":07"))
    }

    @Test("only all of it is 100 %")
    func percents() {
        let cases = [(0.0, "0%"), (0.4567, "45%"), (0.9999, "99%"), (1, "100%"), (1.5, "100%"), (-1, "0%")]
        for (share, text) in cases { #expect(Quantity.percent(share) == text) }
    }

    @Test("one thing is named in the singular")
    func counts() {
        #expect([0, 1, 2].map { Quantity.count($0, "file") } == ["0 files", "1 file", "2 files"])
        #expect([0, 1, 2].map { Quantity.form($0, "is", "are") } == ["are", "is", "are"])
    }
}
