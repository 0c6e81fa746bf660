/// Numbers as people read them in progress and reports. Each is a pure function; negative numbers count as none.
enum Quantity {
    private static let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    /// Three significant digits and a binary unit: `512 B`, `1.23 GiB`, `45.6 MiB`, `789 KiB`.
    static func bytes(_ count: Int) -> String {
        guard count >= 1000 else { return "\(max(0, count)) B" }
        var value = Double(count) / 1024
        var unit = 0
        // What would be shown with four digits takes the next unit.
        while value >= 999.5, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(threeDigits(value)) \(units[unit])"
    }

    /// How fast bytes come: `105 MiB/s`.
    static func rate(bytesPerSecond: Double) -> String {
        bytes(whole(bytesPerSecond)) + "/s"
    }

    /// Hours, minutes and seconds: `0:07`, `12:34`, `1:02:03`, `100:00:00`.
    static func duration(seconds: Double) -> String {
        let all = whole(seconds)
        let (hours, minutes) = (all / 3600, all / 60 % 60)
        return (hours > 0 ? "\(hours):\(twoDigits(minutes))" : "\(minutes)") + ":\(twoDigits(all % 60))"
    }

    /// How long something took: `0.42 s`, `3.1 s`, from a minute on as `duration`.
    static func elapsed(seconds: Double) -> String {
        seconds < 60 ? "\(threeDigits(max(seconds, 0))) s" : duration(seconds: seconds)
    }

    /// How much of a whole is done, rounded down, so that 100 % means all of it: `45%`.
    static func percent(_ share: Double) -> String {
        "\(whole(min(max(share, 0), 1) * 100))%"
    }

    /// A number of things: `1 file`, `2 files`. The number is plain, as it is everywhere else.
    static func count(_ number: some BinaryInteger, _ noun: String) -> String {
        "\(number) \(form(number, noun, noun + "s"))"
    }

    /// The word that goes with a number of things: `is` or `are`, `it` or `they`.
    static func form(_ number: some BinaryInteger, _ one: String, _ many: String) -> String {
        number == 1 ? one : many
    }

    private static func threeDigits(_ value: Double) -> String {
        let decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
        let scale = [1, 10, 100][decimals]
        let scaled = whole((value * Double(scale)).rounded())
        guard decimals > 0 else { return "\(scaled)" }
        let fraction = "\(scaled % scale)"
        return "\(scaled / scale)." + String(repeating: "0", count: decimals - fraction.utf8.count) + fraction
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Rounded down; what no Int can hold becomes the nearest that can.
    private static func whole(_ value: Double) -> Int {
        guard value > 0 else { return 0 }
        return Int(exactly: value.rounded(.down)) ?? .max
    }
}
