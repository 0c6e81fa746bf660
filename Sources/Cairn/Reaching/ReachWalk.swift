import Bytes
import ChunkStore
import Posix

/// Goes from a snapshot to every chunk that it needs. Only trees are read, never the bytes of files; memory is in proportion to the depth
/// of the tree. One thread at a time.
///
/// What the caller knows already it need not see again: `needs` is asked about every chunk before the walk goes into it, and what it
/// answers false for is passed by with all that is below. So of a snapshot that resembles one walked before, only what differs is read.
final class ReachWalk {
    /// Asked about every chunk, in the order of the tree; whether to look below it. For chunks with nothing below, the answer does not matter.
    typealias Needs = (ReachedChunk) throws(CairnError) -> Bool
    /// Told of a chunk that the walk has gone into, when it has seen all that is below.
    typealias Leave = (ReachedChunk) throws(CairnError) -> Void
    /// Told of a chunk that is needed and cannot be read or makes no sense, and of the path, in the tree, of the file or directory that it
    /// is a part of. Throws to end the walk; otherwise that goes on with the rest.
    typealias Unreadable = (ReachedChunk, Path, CairnError) throws(CairnError) -> Void

    private let reader: ChunkReader
    private let cancellation: Cancellation?
    private var open: [Frame] = []
    /// Where the walk is: of the entry that was met last.
    private var path: [UInt8] = []

    /// What is left to do at one place on the way down.
    private enum Rest {
        /// Entries, and the chunk that they stand in.
        case entries(ArraySlice<TreeEntry>, ReachedChunk)
        case chunks(ArraySlice<ChunkReference>, Member)
        case lists(ArraySlice<Content.ListReference>, depth: Int, Member)
        /// Nothing, once what lies above it on the stack is done: the chunk that was gone into is left.
        case end(ReachedChunk)
    }

    private typealias Member = ReachRole.Member

    private struct Frame {
        var rest: Rest
        /// How much of the path belongs to what this frame is a part of.
        let pathCount: Int
    }

    /// Walks through trees that this reader reads.
    init(_ reader: TreeReader, cancellation: Cancellation? = nil) {
        self.reader = reader.chunks
        self.cancellation = cancellation
    }

    /// Calls `needs` with every chunk that the snapshot needs: its tree, what its files consist of, its list of errors. Without
    /// `unreadable` the first chunk that cannot be read ends the walk with the reason.
    func walk(
        _ snapshot: Snapshot, needs: Needs, leave: Leave = { _ in },
        unreadable: Unreadable = { _, _, error throws(CairnError) in throw error }
    ) throws(CairnError) {
        for id in snapshot.manifest.errorList { _ = try needs(ReachedChunk(id: id, role: .data, length: nil)) }
        try walk(tree: snapshot.manifest.tree, needs: needs, leave: leave, unreadable: unreadable)
    }

    /// The same for a tree, given its root chunk.
    func walk(
        tree: ChunkID, needs: Needs, leave: Leave = { _ in },
        unreadable: Unreadable = { _, _, error throws(CairnError) in throw error }
    ) throws(CairnError) {
        open = []
        path = []
        defer { open = [] }
        let root = ReachedChunk(id: tree, role: .root, length: nil)
        guard try needs(root) else { return }
        guard let bytes = try read(root, unreadable) else { return }
        do throws(MalformedBytes) {
            let entry = try TreeEntry.decodeRoot(bytes)
            push(.end(root))
            push(.entries([entry], root))
        } catch {
            return try unreadable(root, current, CairnError(damagedTree: tree, error))
        }
        while !open.isEmpty { try step(needs, leave, unreadable) }
    }

    private func step(_ needs: Needs, _ leave: Leave, _ unreadable: Unreadable) throws(CairnError) {
        try cancellation?.check()
        let last = open.count - 1
        path.removeLast(path.count - open[last].pathCount)
        switch open[last].rest {
        case .entries(let entries, let holder):
            guard let entry = entries.first else { return _ = open.removeLast() }
            open[last].rest = .entries(entries.dropFirst(), holder)
            if entry.name != TreeEntry.rootName { path += [UInt8(ascii: "/")] + entry.name }
            try go(into: entry, of: holder, unreadable)
        case .chunks(let chunks, let member):
            guard member == .page else {
                // Nothing is below them.
                open.removeLast()
                for chunk in chunks {
                    _ = try needs(ReachedChunk(id: chunk.id, role: member.role, length: chunk.length))
                }
                return
            }
            guard let chunk = chunks.first else { return _ = open.removeLast() }
            open[last].rest = .chunks(chunks.dropFirst(), member)
            try go(into: chunk, needs, unreadable)
        case .lists(let lists, let depth, let member):
            guard let list = lists.first else { return _ = open.removeLast() }
            open[last].rest = .lists(lists.dropFirst(), depth: depth, member)
            try go(into: list, depth: depth, member, needs, unreadable)
        case .end(let chunk):
            open.removeLast()
            try leave(chunk)
        }
    }

    /// The path, in the tree, of the file or directory that the chunk asked about last is a part of. A chunk that is known is a part of more.
    var current: Path { Path(path.isEmpty ? TreeEntry.rootName : path) }

    // MARK: Going down

    private func go(
        into entry: TreeEntry, of holder: ReachedChunk, _ unreadable: Unreadable
    ) throws(CairnError) {
        switch entry.node {
        case .file(_, let content, _, let holes):
            push(content, .data)
            push(holes, .holes)
        case .directory(.inline(let bytes), _):
            do throws(MalformedBytes) { push(.entries(try TreeEntry.decodePage(bytes)[...], holder)) } catch {
                try unreadable(holder, current, CairnError(damagedTree: holder.id, error))
            }
        case .directory(let content, _): push(content, .page)
        default: break
        }
    }

    private func push(_ content: Content, _ member: Member) {
        switch content {
        case .empty, .inline: break
        case .chunks(let chunks): push(.chunks(chunks[...], member))
        case .lists(let depth, let lists): push(.lists(lists[...], depth: depth, member))
        }
    }

    private func push(_ rest: Rest) { open.append(Frame(rest: rest, pathCount: path.count)) }

    private func go(into page: ChunkReference, _ needs: Needs, _ unreadable: Unreadable) throws(CairnError) {
        let reached = ReachedChunk(id: page.id, role: .page, length: page.length)
        guard try needs(reached), let bytes = try read(reached, unreadable) else { return }
        do throws(MalformedBytes) {
            let entries = try TreeEntry.decodePage(bytes)
            push(.end(reached))
            push(.entries(entries[...], reached))
        } catch {
            try unreadable(reached, current, CairnError(damagedTree: page.id, error))
        }
    }

    private func go(
        into list: Content.ListReference, depth: Int, _ member: Member, _ needs: Needs, _ unreadable: Unreadable
    ) throws(CairnError) {
        let reached = ReachedChunk(id: list.id, role: .list(of: member, depth: depth), length: nil)
        guard try needs(reached), let bytes = try read(reached, unreadable) else { return }
        do throws(MalformedBytes) {
            let listed = try Content(listed: bytes, by: list, depth: depth)
            push(.end(reached))
            push(listed, member)
        } catch {
            try unreadable(reached, current, CairnError(damagedTree: list.id, error))
        }
    }

    /// The chunk's bytes; nil where they cannot be had and the walk is to go on.
    private func read(_ chunk: ReachedChunk, _ unreadable: Unreadable) throws(CairnError) -> [UInt8]? {
        let failure: CairnError
        do throws(StoreError) {
            let bytes = try reader.get(chunk.id)
            guard let length = chunk.length, bytes.count != Int(length) else { return bytes }
            let reason = MalformedBytes(offset: 0, reason: "it has \(bytes.count) bytes instead of \(length)")
            failure = CairnError(damagedTree: chunk.id, reason)
        } catch {
            failure = CairnError(error)
            // What says nothing about the chunk ends the walk.
            guard failure.isAboutStored else { throw failure }
        }
        try unreadable(chunk, current, failure)
        return nil
    }
}
