internal import Cairn
internal import CommandLine
internal import Posix

/// Reports items that could not be read, while the rest goes on. Any thread may call.
///
/// In `/proc` and its like thousands of files change while they are read. For people the first few of a kind are shown and the others
/// counted, unless the run is verbose; programs get all, and the manifest has all.
final class FailureReport: Sendable {
    private static let shownMax = 10

    private let console: Console
    private let counts = Monitor<[ItemFailure.Kind: Int]>([:])
    /// The first, where something that was named is missing: it may be why the run fails, and is then told by that.
    private let held = Monitor<ItemFailure?>(nil)

    init(_ console: Console) { self.console = console }

    /// Reports one item.
    func report(_ failure: ItemFailure) {
        let count = counts.withLock { counts in
            counts[failure.kind, default: 0] += 1
            return counts[failure.kind] ?? 0
        }
        if failure.kind == .missing, !console.isJSON, counts.withLock({ $0.values.reduce(0, +) }) == 1 {
            return held.update { $0 = failure }
        }
        release()
        // What was named by itself is missed by itself.
        guard count <= Self.shownMax || failure.kind == .missing || console.isJSON || console.verbosity >= .verbose
        else { return }
        SnapshotReport.report(failure, console)
    }

    /// Reports what was held back, unless this is why the run failed.
    func release(unless path: Path? = nil) {
        let failure = held.withLock { held in
            defer { held = nil }
            return held
        }
        if let failure, failure.path != path { SnapshotReport.report(failure, console) }
    }

    /// Says how many were not shown.
    func summarize() {
        release()
        guard !console.isJSON, console.verbosity < .verbose else { return }
        let more = counts.withLock { $0 }.filter { $0.key != .missing && $0.value > Self.shownMax }
        for (kind, count) in more.sorted(by: { $0.key.description < $1.key.description }) {
            let items = Quantity.count(count - Self.shownMax, "more item")
            console.warn("\(items) \(Self.trouble(kind)); --verbose shows all of them")
        }
    }

    private static func trouble(_ kind: ItemFailure.Kind) -> String {
        switch kind {
        case .access: "could not be read"
        case .changed: "changed while being read"
        case .replaced: "became something else while being read"
        case .vanished: "vanished before being read"
        default: "could not be taken (\(PrintableText.escape(kind.description)))"
        }
    }
}
