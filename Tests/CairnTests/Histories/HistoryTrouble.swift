/// Something in a history that must not be.
struct HistoryTrouble: Error, CustomStringConvertible {
    let problems: [String]

    init(_ problems: [String]) { self.problems = problems }
    init(_ problem: String) { problems = [problem] }

    var description: String {
        problems.prefix(20).joined(separator: "\n  ")
            + (problems.count > 20 ? "\n  and \(problems.count - 20) more" : "")
    }

    /// Throws if there is anything.
    static func unless(_ isRight: Bool, _ problem: @autoclosure () -> String) throws {
        if !isRight { throw HistoryTrouble(problem()) }
    }
}
