/// Rounds in turn, as long as time is left.
struct Schedule {
    let deadline: Deadline
    /// Rounds that were not begun, with the reason.
    private(set) var skipped: [String] = []
    private var ended: Set<String> = []
    private var longest: [String: Double] = [:]

    /// 0 minutes for no limit.
    init(minutes: Double) { deadline = Deadline(minutes: minutes) }

    /// Runs a round of something, unless it would end too late.
    mutating func run(_ name: String, round number: Int, of rounds: Int, _ body: () throws -> Void) rethrows {
        if deadline.isOver(after: longest[name, default: 0]) {
            // Of further rounds nobody wants to know one by one.
            guard ended.insert(name).inserted else { return }
            let text =
                "\(name): no round from \(number + 1) to \(rounds): it would end after \(deadline.minutes.digits(0)) minutes"
            skipped.append(text)
            print(text)
            return
        }
        let seconds = try Stopwatch.seconds(body)
        longest[name] = max(longest[name, default: 0], seconds)
    }
}
