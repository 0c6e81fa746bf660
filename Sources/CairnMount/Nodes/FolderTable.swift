internal import Posix

/// The folders that were entered: each has a number, and where it came from. They stay as long as the mount.
final class FolderTable: Sendable {
    /// What a folder shows.
    enum Kind: Sendable {
        /// One that no snapshot holds.
        case layout(LayoutFolder)
        /// A directory of a snapshot, or what of it the snapshot changed.
        case tree(MountedSnapshot, isChanges: Bool)
    }

    struct Record: Sendable {
        let node: NodeID
        let kind: Kind
    }

    private struct State {
        var records: [Record] = []
        var numbers: [NodeID: UInt32] = [:]
    }

    private let state = Monitor(State())

    /// The number of a folder, from 1 on; nil where there are too many.
    func number(of node: NodeID, _ kind: @autoclosure () -> Kind) -> UInt32? {
        state.withLock { state in
            if let known = state.numbers[node] { return known }
            guard state.records.count < NodeID.foldersMax - 1 else { return nil }
            state.records.append(Record(node: node, kind: kind()))
            let number = UInt32(state.records.count)
            state.numbers[node] = number
            return number
        }
    }

    /// Nil for numbers that were never given.
    func record(_ number: UInt32) -> Record? {
        state.withLock { $0.records.indices.contains(Int(number) - 1) ? $0.records[Int(number) - 1] : nil }
    }
}
