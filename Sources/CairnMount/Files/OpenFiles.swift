internal import Posix

/// The files that are open, by the numbers that the kernel has for them.
final class OpenFiles: Sendable {
    private struct State {
        var files: [UInt64: OpenFile] = [:]
        /// Those that were read in order the last time.
        var inOrder: Set<UInt64> = []
        var last: UInt64 = 0
    }

    private let state = Monitor(State())

    var isEmpty: Bool { state.withLock { $0.files.isEmpty } }

    func add(_ file: OpenFile) -> UInt64 {
        state.withLock { state in
            state.last += 1
            state.files[state.last] = file
            return state.last
        }
    }

    func file(_ handle: UInt64) -> OpenFile? { state.withLock { $0.files[handle] } }

    /// Notes whether a file is read in order; how many are.
    func note(_ handle: UInt64, isInOrder: Bool) -> Int {
        state.withLock { state in
            if !isInOrder {
                state.inOrder.remove(handle)
            } else if state.files[handle] != nil {
                state.inOrder.insert(handle)
            }
            return state.inOrder.count
        }
    }

    func remove(_ handle: UInt64) {
        state.withLock { state in
            state.files[handle] = nil
            state.inOrder.remove(handle)
        }
    }
}
