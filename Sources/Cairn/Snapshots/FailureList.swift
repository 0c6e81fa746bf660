import ChunkStore
import FoundationEssentials
import Posix

/// What could not be read during a snapshot. The first go into the manifest, the others into chunks, so that a million of them take no memory.
/// Any thread may call.
final class FailureList: Sendable {
    private static let pieceBytes = 64 << 10
    /// So many chunks are named in a manifest; failures beyond them are only counted.
    private static let chunksMax = 1_000

    private struct State {
        var count = 0
        var missing = 0
        var first: [Manifest.SourceError] = []
        var piece: [UInt8] = []
        var chunks: [ChunkID] = []
    }

    private let session: WriteSession
    private let state = Monitor(State())

    init(_ session: WriteSession) { self.session = session }

    /// Goes on with the errors that a manifest has. Of its list only those chunks are kept that are not lost.
    init(_ session: WriteSession, after manifest: Manifest, kept: [ChunkID]) {
        self.session = session
        state.withLock { state in
            state.count = manifest.errorCount
            state.first = manifest.errors
            state.chunks = kept
        }
    }

    func add(_ failure: ItemFailure) {
        let error = Manifest.SourceError(
            path: failure.path, kind: failure.kind.description, message: failure.message)
        state.withLock { state in
            state.count += 1
            if failure.kind == .missing { state.missing += 1 }
            if state.first.count < Manifest.errorsMax { return state.first.append(error) }
            guard state.chunks.count < Self.chunksMax, let line = try? JSONEncoder().encode(error) else { return }
            state.piece += Array(line) + [UInt8(ascii: "\n")]
            if state.piece.count >= Self.pieceBytes { close(&state) }
        }
    }

    private func close(_ state: inout State) {
        guard !state.piece.isEmpty, let id = try? session.put(state.piece, as: .data) else { return }
        state.chunks.append(id)
        state.piece = []
    }

    /// Puts what still waits into the session: no more come.
    func finish() { state.withLock { close(&$0) } }

    /// Forgets them: all is tried again.
    func removeAll() { state.withLock { $0 = State() } }

    /// Where those are that the manifest names.
    var namedPaths: Set<Path> { state.withLock { Set($0.first.map(\.path)) } }

    /// How many there are.
    var count: Int { state.withLock { $0.count } }
    /// How many of the sources are not there.
    var missingSources: Int { state.withLock { $0.missing } }

    /// Writes them into a manifest.
    func enter(into manifest: inout Manifest) {
        state.withLock { state in
            close(&state)
            manifest.errors = state.first
            manifest.errorCount = state.count
            manifest.errorList = state.chunks
            manifest.incomplete = state.count > 0
        }
    }
}
