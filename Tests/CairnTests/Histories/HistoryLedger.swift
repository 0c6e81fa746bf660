import Cairn
import Posix

/// Which snapshots a history has taken, what each of them must give back, and what became of it.
struct HistoryLedger {
    enum Presence {
        case there, forgotten
        /// Forgotten, and given up by a prune.
        case gone
    }

    struct Taking {
        let source: Path
        let state: TreeState
        let snapshot: Snapshot
        var presence = Presence.there
    }

    /// All of them; their number is their place.
    var takings: [Taking] = []

    /// The numbers of those that are so.
    func numbers(_ presence: Presence) -> [Int] { takings.indices.filter { takings[$0].presence == presence } }

    /// Those that can still be read.
    var readable: [Int] { takings.indices.filter { takings[$0].presence != .gone } }

    /// Those that may be forgotten: of each source the last that is there stays.
    var forgettable: [Int] {
        numbers(.there).filter { number in
            takings[(number + 1)...].contains { $0.presence == .there && $0.source == takings[number].source }
        }
    }
}
