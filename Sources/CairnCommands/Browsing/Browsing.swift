internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// What commands need that look into snapshots: the open repository, its snapshots, a reader, and the wish to stop.
struct Browsing {
    let store: Store
    let list: SnapshotList
    let reader: TreeReader
    let cancellation = Cancellation()
    let context: CommandContext

    /// Opens the repository and runs the body. Whoever reads our output may go away: that ends the command, and is no error. Chunks that are gone are
    /// damage, like those that are spoilt.
    static func run(_ context: CommandContext, _ body: (Browsing) throws -> ExitCode) throws -> ExitCode {
        let store = try RepositoryAccess.open(RepositoryLocation.resolve(context), context)
        let list = try SnapshotList.read(store, context)
        let browsing = Browsing(store: store, list: list, reader: TreeReader(try store.reader()), context: context)
        Interruption.install(
            cancelling: browsing.cancellation, leaving: "nothing was changed")
        do {
            return try body(browsing)
        } catch let error as CairnError {
            if context.console.isOutputClosed && error.code == .cancelled { return .done }
            var failure = CommandFailure(error)
            if error.code == .missing { failure.code = .damaged }
            throw failure
        }
    }

    /// Throws where somebody wishes to stop, or where nobody reads what is printed.
    func check() throws(CairnError) {
        if cancellation.isCancelled || context.console.isOutputClosed {
            throw CairnError(.cancelled, "stopped on request")
        }
    }

    /// The root of a snapshot's tree.
    func root(of snapshot: Snapshot) throws(CairnError) -> TreeEntry { try reader.root(snapshot.manifest.tree) }

    /// A part of a snapshot.
    func part(_ path: Path?, of snapshot: Snapshot) throws(CairnError) -> TreeEntry {
        let root = try root(of: snapshot)
        guard let path else { return root }
        if let entry = try reader.entry(at: path, below: root) { return entry }
        throw CairnError(
            .notFound, "there is no such path in snapshot \(snapshot.id.short)", path: path,
            remedy: reader.hint(for: path, in: snapshot, root: root))
    }
}

extension TreeReader {
    /// What a person may have meant by a path that is not in a snapshot.
    func hint(for path: Path, in snapshot: Snapshot, root: TreeEntry) -> String {
        // Damage on the way is no news for who looks for something else.
        if let likely = try? likelyPath(of: path, below: root, sources: snapshot.manifest.paths) {
            return "did you mean \(snapshot.id.short):\(likely.printable)?"
        }
        return "\"cairn ls \(snapshot.id.short)\" shows what there is"
    }
}

extension Path {
    /// The path of something below this one, in a snapshot: absolute, with single slashes.
    func below(_ names: [UInt8]) -> Path {
        if names.isEmpty { return self }
        return Path(bytes.last == UInt8(ascii: "/") ? bytes + names : bytes + [UInt8(ascii: "/")] + names)
    }
}
