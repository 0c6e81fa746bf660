internal import CommandLine

/// How a run ended, as the shell sees it. Where several hold, the damage codes come first: 5, then 4, then 3.
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
        case .pruneRunning: "another prune is running"
        case .noKey: "no key fits, or none was given"
        case .interrupted: "interrupted"
        }
    }

    static var descriptions: [ExitCodeDescription] {
        allCases.map { ExitCodeDescription($0.rawValue, $0.meaning) }
    }
}
