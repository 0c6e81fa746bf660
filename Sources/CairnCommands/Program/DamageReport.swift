internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// The damage that a run meets beside its work, and what that makes of its exit code. Each finding is told once, with its path and what to
/// do about it.
final class DamageReport: Sendable {
    private struct State {
        var findings: Set<CairnError> = []
        var removed: Set<Path> = []
    }

    private let console: Console
    private let state = Monitor(State())

    init(_ console: Console) { self.console = console }

    /// What the run's exit code is at least.
    var exitCode: ExitCode {
        state.withLock { state in
            if state.findings.isEmpty { return .done }
            let stays = state.findings.contains { finding in
                finding.code == .damaged && !(finding.path.map(state.removed.contains) ?? false)
            }
            return stays ? .damaged : .healed
        }
    }

    /// Takes note of what was found, and warns of it. What is no damage leaves the exit code alone.
    func add(_ finding: CairnError) {
        guard [CairnError.Code.damaged, .healed, .halfDamaged].contains(finding.code) else { return warn(of: finding) }
        if state.withLock({ $0.findings.insert(finding).inserted }) { warn(of: finding) }
    }

    private func warn(of finding: CairnError) {
        let failure = CommandFailure(finding)
        let text = failure.message + (failure.hint.map { " (\(PrintableText.escape($0)))" } ?? "")
        if finding.code == .damaged { console.error(text) } else { console.warn(text) }
    }

    /// The same for what the store found.
    func add(_ finding: StoreError) { add(CairnError(finding)) }

    /// A file that damage was found in is gone, as it was asked for: nothing of it is left to heal.
    func removed(_ path: Path) { state.withLock { _ = $0.removed.insert(path) } }
}
