import Posix
import TestSupport

/// A folder that is snapshotted over and over and changes in between. Much of what comes into it is drawn from what all sources draw from, so
/// that what one process stores is what another needs.
final class StormSource: Sendable {
    let path: Path

    private struct State {
        var users = 0
        var isChanging = false
        var facts: [String] = []
    }

    private let state = Monitor(State())

    /// What sources draw from: files of all sizes, some text and some noise.
    static let pool: [[UInt8]] = {
        var chance = SplitMix64(seed: 7)
        return (0..<40).map { number in
            let count = [300, 5_000, 40_000, 200_000][number % 4] + chance.number(below: 1_000)
            return number.isMultiple(of: 3) ? chance.text(count) : chance.bytes(count)
        }
    }()

    init(_ path: Path) throws {
        self.path = path
        try Folder.makeAll(path)
    }

    /// Calls the body with a list of what there is, which stays so meanwhile; nil if the folder is just being changed.
    func use<Result>(_ body: (_ facts: [String]) throws -> Result) rethrows -> Result? {
        let facts = state.withLock { state -> [String]? in
            guard !state.isChanging else { return nil }
            state.users += 1
            return state.facts
        }
        guard let facts else { return nil }
        defer { state.withLock { $0.users -= 1 } }
        return try body(facts)
    }

    /// Changes a few files, unless somebody is using the folder.
    func change(_ chance: inout SplitMix64) throws {
        let isMine = state.withLock { state in
            guard state.users == 0, !state.isChanging else { return false }
            state.isChanging = true
            return true
        }
        guard isMine else { return }
        for _ in 0...chance.number(below: 4) { try changeOne(&chance) }
        let facts = try TreeFacts.list(path)
        state.withLock { state in
            state.facts = facts
            state.isChanging = false
        }
    }

    private func changeOne(_ chance: inout SplitMix64) throws {
        let folder = path.appending("d\(chance.number(below: 4))")
        let file = folder.appending("f\(chance.number(below: 6))")
        switch chance.number(below: 8) {
        case 0: try? Folder.remove(file)
        case 1: try? Folder.rename(file, to: path.appending("moved-\(chance.number(below: 3))"))
        case 2:
            try Folder.makeAll(folder)
            try? FileDescriptor.open(folder, [.read, .folder]).makeLink(
                Path("link-\(chance.number(below: 3))"), to: Array("f\(chance.number(below: 6))".utf8))
        case 3:
            var bytes = Self.pool[chance.number(below: Self.pool.count)]
            bytes += chance.bytes(chance.number(below: 20_000))
            try file.write(bytes)
        case 4: TemporaryFolder.removeAll(folder)
        default: try file.write(Self.pool[chance.number(below: Self.pool.count)])
        }
    }
}
