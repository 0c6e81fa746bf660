import Bytes
public import ChunkStore
public import Posix

/// Looks into the trees of snapshots. Any thread may call.
public final class TreeReader: Sendable {
    let chunks: ChunkReader

    /// Reads through a reader of the store.
    public init(_ chunks: ChunkReader) { self.chunks = chunks }

    /// The entry `/` of a snapshot.
    public func root(_ id: ChunkID) throws(CairnError) -> TreeEntry {
        let bytes = try storing { () throws(StoreError) in try chunks.get(id) }
        do throws(MalformedBytes) { return try TreeEntry.decodeRoot(bytes) } catch {
            throw CairnError(damagedTree: id, error)
        }
    }

    /// The entries of a directory, in the order of their names; none of anything else.
    public func entries(of directory: TreeEntry) -> EntryCursor {
        guard case .directory(let content, _) = directory.node else { return EntryCursor(.empty, reader: chunks) }
        return EntryCursor(content, reader: chunks)
    }

    /// The entry of a name in a directory; nil if there is none. Reads the directory's pages up to that name.
    public func entry(named name: [UInt8], in directory: TreeEntry) throws(CairnError) -> TreeEntry? {
        var cursor = entries(of: directory)
        while let entry = try cursor.next() {
            if entry.name == name { return entry }
            if name.precedes(entry.name) { return nil }
        }
        return nil
    }

    /// The entry at a path below a directory; slashes at either end, and doubled ones, do not count. Nil if there is none.
    public func entry(at path: Path, below directory: TreeEntry) throws(CairnError) -> TreeEntry? {
        var entry = directory
        for name in path.bytes.split(separator: UInt8(ascii: "/")) {
            guard let next = try self.entry(named: Array(name), in: entry) else { return nil }
            entry = next
        }
        return entry
    }

    func chunks(of content: Content) -> ChunkCursor { ChunkCursor(content, reader: chunks) }

    /// Calls the body with the chunks of a content, in order; with none of an inline one.
    public func forEachChunk(
        of content: Content, _ body: (ChunkReference) throws(CairnError) -> Void
    ) throws(CairnError) {
        var cursor = ChunkCursor(content, reader: chunks)
        while let chunk = try cursor.next() { try body(chunk) }
    }

    /// Calls the body with the bytes of a content, piece by piece, in order.
    public func forEachPiece(
        of content: Content, _ body: (UnsafeRawBufferPointer) throws(CairnError) -> Void
    ) throws(CairnError) {
        if case .inline(let bytes) = content {
            return try bytes.withUnsafeBytesThrowing { raw throws(CairnError) in try body(raw) }
        }
        var cursor = ChunkCursor(content, reader: chunks)
        while let chunk = try cursor.next() {
            let outcome: Result<Void, CairnError> = try storing { () throws(StoreError) in
                try chunks.withChunk(chunk.id) { bytes in
                    Result { () throws(CairnError) in try body(bytes) }
                }
            }
            try outcome.get()
        }
    }

    /// Goes through a directory and everything below it, each directory before what is in it. The body gets the path below the
    /// directory, components joined by slashes, and answers whether to go on into that entry.
    public func walk(
        _ directory: TreeEntry, _ body: (_ path: [UInt8], _ entry: TreeEntry) throws(CairnError) -> Bool
    ) throws(CairnError) {
        // One path for all levels: in a deep tree all their paths would be very long.
        var path: [UInt8] = []
        var open = [(pathCount: 0, cursor: entries(of: directory))]
        while let last = open.indices.last {
            guard let entry = try open[last].cursor.next() else {
                open.removeLast()
                continue
            }
            path.removeLast(path.count - open[last].pathCount)
            if !path.isEmpty { path.append(UInt8(ascii: "/")) }
            path += entry.name
            guard try body(path, entry), entry.node.isDirectory else { continue }
            open.append((path.count, entries(of: entry)))
        }
    }
}
