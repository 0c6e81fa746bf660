/// Rounds in turn, as long as time is left.
struct Schedule {
    /// 0 for no limit.
    let minutes: Double
    private var elapsed = 0.0
    private var longest: [String: Double] = [:]

    init(minutes: Double) { self.minutes = minutes }

    /// Runs a round of something, unless it would end too late.
    mutating func run(_ name: String, round number: Int, of rounds: Int, _ body: () throws -> Void) rethrows {
        if minutes > 0, elapsed + longest[name, default: 0] > minutes * 60 {
            print(
                "\(name): no round \(number + 1) of \(rounds), which would end after \(minutes.digits(0)) minutes")
            return
        }
        let seconds = try Stopwatch.seconds(body)
        elapsed += seconds
        longest[name] = max(longest[name, default: 0], seconds)
    }
}
