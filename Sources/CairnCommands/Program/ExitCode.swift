internal import CommandLine

/// How a run ended, as the shell sees it. Where several hold, see `combined`.
enum ExitCode: Int32, CaseIterable, Sendable {
    case done = 0
    case failed = 1
    case usage = 2
    case incomplete = 3
    case healed = 4
    case damaged = 5
    case noRepository = 10
    case pruneRunning = 11
    case noKey = 12
    case interrupted = 130

    /// When it is given.
    var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .usage: "the command line or an environment variable is wrong"
        case .incomplete: "done, but some sources could not be read: the snapshot is incomplete"
        case .healed: "damage was found and all of it is healed"
        case .damaged: "damage was found that is not healed"
        case .noRepository: "there is no repository at that place"
        case .pruneRunning: "another prune or repair is running"
        case .noKey: "no key fits, or none was given"
        case .interrupted: "interrupted"
        }
    }

    /// The codes of runs that got to their end, the one that counts most first.
    private static let byWeight: [ExitCode] = [.damaged, .failed, .healed, .incomplete, .done]

    /// The code of a run for which both hold: 5, then 4, then 3. A run that failed says 1 unless there is damage that is not healed, and one that
    /// did not get to its end says why.
    func combined(with other: ExitCode) -> ExitCode {
        guard Self.byWeight.contains(self) else { return self }
        return Self.byWeight.first { $0 == self || $0 == other } ?? self
    }

    static var descriptions: [ExitCodeDescription] {
        allCases.map { ExitCodeDescription($0.rawValue, $0.meaning) }
    }
}
