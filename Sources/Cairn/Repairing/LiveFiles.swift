import ChunkStore
import Posix

/// Reads regular files, one after another, for chunks that are missing. Folders are gone through without following links, and with all file
/// systems below them.
final class LiveFiles {
    private let sieve: ChunkSieve
    private let isWanted: (ChunkReference) throws(CairnError) -> Bool
    private let progress: OperationProgress
    private let cancellation: Cancellation
    private let onFailure: (ItemFailure) -> Void

    init(
        _ session: WriteSession, progress: OperationProgress, cancellation: Cancellation,
        isWanted: @escaping (ChunkReference) throws(CairnError) -> Bool, onFailure: @escaping (ItemFailure) -> Void
    ) {
        sieve = ChunkSieve(session)
        self.isWanted = isWanted
        self.progress = progress
        self.cancellation = cancellation
        self.onFailure = onFailure
    }

    /// A folder that is gone through, and the names in it that are still to come.
    private struct Frame {
        let folder: FolderNode
        var names: ArraySlice<Folder.Entry>
    }

    /// Reads what is there: a file, or all files in a folder and below it. Goes on until nothing is missing any more.
    func read(_ path: Path, while isGoingOn: () throws(CairnError) -> Bool) throws(CairnError) {
        let isFolder: Bool
        do throws(PosixError) { isFolder = try Folder.status(path).isFolder } catch {
            return onFailure(ItemFailure(error, path: path))
        }
        guard isFolder else {
            return try read(Path(Array(path.lastComponent)), in: FolderNode(path: path.parent, isListed: false))
        }
        var open: [Frame] = []
        enter(FolderNode(path: path), &open)
        while !open.isEmpty, try isGoingOn() {
            try cancellation.check()
            guard let entry = open[open.count - 1].names.popFirst() else {
                open.removeLast().folder.close()
                continue
            }
            let (name, folder) = (Path(entry.name), open[open.count - 1].folder)
            let status: FileStatus
            do throws(PosixError) { status = try folder.opened().descriptor.status(of: name) } catch {
                onFailure(ItemFailure(error, path: folder.path(of: name)))
                continue
            }
            if status.isFolder {
                enter(folder.child(name), &open)
            } else if status.isRegular {
                try read(name, in: folder)
            }
        }
    }

    private func enter(_ folder: FolderNode, _ open: inout [Frame]) {
        do throws(PosixError) {
            open.append(Frame(folder: folder, names: try folder.opened().descriptor.sortedEntries()[...]))
        } catch { onFailure(ItemFailure(error, path: folder.path)) }
    }

    private func read(_ name: Path, in folder: FolderNode) throws(CairnError) {
        let path = folder.path(of: name)
        progress.update { $0.current = path }
        do throws(CairnError) {
            let file = try reading(path) { () throws(PosixError) in
                try folder.opened().descriptor.open(name, [.read, .nonBlocking])
            }
            let status = try reading(path) { () throws(PosixError) in try file.status() }
            guard status.isRegular else { return }
            var cursor = FileCursor(status, from: 0)
            _ = try sieve.sift { buffer throws(CairnError) in
                try cancellation.check()
                let count = try reading(path) { () throws(PosixError) in try cursor.next(into: buffer, of: file) }
                progress.update { $0.bytesDone += UInt64(count) }
                return count
            } isWanted: { chunk throws(CairnError) in
                try isWanted(chunk)
            } failure: {
                CairnError($0)
            }
        } catch {
            guard error.code == .source else { throw error }
            onFailure(ItemFailure(path: path, kind: .access, message: error.message))
        }
        progress.update { $0.filesDone += 1 }
    }

    private func reading<Result: ~Copyable>(
        _ path: Path, _ body: () throws(PosixError) -> Result
    ) throws(CairnError) -> Result {
        do throws(PosixError) { return try body() } catch { throw CairnError(.source, error, path: path) }
    }
}

extension ItemFailure {
    fileprivate init(_ error: PosixError, path: Path) {
        let kind: Kind = error.errno == .noSuchFile ? .missing : .access
        self.init(path: path, kind: kind, message: "\(error.errno) (\(error.call))")
    }
}
