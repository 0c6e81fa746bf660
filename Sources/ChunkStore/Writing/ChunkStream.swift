internal import Bytes
internal import Chunking
public import Crypto
internal import Posix

/// A stream of bytes that is cut into chunks by its content and put into a session. One thread at a time.
///
/// While one segment is hashed on another thread the next is read and cut. A stream that ends within its first segment is
/// small: its new chunks go into the window, among others that are like them. A larger one fills blocks of its own.
public final class ChunkStream {
    private let session: WriteSession
    private let key: OrderKey
    private let segments: BufferShelf
    private let onChunk: (ChunkReference) -> Void
    private let ancestry: Ancestry?
    private let isDigested: Bool
    /// The digest of what was hashed so far.
    private var course: SHA256Course?
    private var chunker: Chunker
    private var segment: Buffer
    private var hashing: HashBatch?
    private var draft: BlockDraft?
    private var isEnded = false

    /// The last new chunks of a large stream are a block of their own from this size on, and join the window below it.
    private static let blockBytesMin = 1 << 20

    init(
        _ session: WriteSession, repository: Repository, key: OrderKey, segments: BufferShelf, ancestry: Ancestry?,
        isDigested: Bool, onChunk: @escaping (ChunkReference) -> Void
    ) {
        self.session = session
        self.key = key
        self.segments = segments
        self.onChunk = onChunk
        self.ancestry = ancestry
        self.isDigested = isDigested
        chunker = Chunker(table: repository.table, profile: repository.profile)
        segment = segments.take()
    }

    deinit { if !isEnded { end() } }

    /// Appends bytes to the stream.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        precondition(!isEnded, "a stream was written to after its end")
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, segment.free.count)
            segment.append(UnsafeRawBufferPointer(rebasing: rest[..<count]))
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if segment.free.isEmpty { try cut(isLast: false) }
        }
    }

    /// Appends an array's bytes to the stream.
    public func write(_ bytes: [UInt8]) throws(StoreError) {
        try bytes.withUnsafeBytesThrowing { raw throws(StoreError) in try write(raw) }
    }

    /// Appends what the body reads, straight into the stream's own memory; returns how much that was.
    public func write<Failure: Error>(
        reading body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int, failure: (StoreError) -> Failure
    ) throws(Failure) -> Int {
        precondition(!isEnded, "a stream was written to after its end")
        let count = try body(segment.free)
        segment.count += count
        if segment.free.isEmpty {
            do throws(StoreError) { try cut(isLast: false) } catch { throw failure(error) }
        }
        return count
    }

    /// Ends the stream. All its chunks have been reported when this returns. Gives the digest of the whole stream, if that was asked for.
    @discardableResult
    public func finish() throws(StoreError) -> SHA256Digest? {
        precondition(!isEnded, "a stream was ended twice")
        defer { end() }
        if chunker.offset == 0 && hashing == nil { return try finishSmall() }
        try cut(isLast: true)
        try place()
        try releaseDraft()
        return course?.finish()
    }

    /// What was claimed is stored even if the stream comes to nothing: others who put the same bytes were told that they are
    /// known. Where that fails, the whole session has failed.
    private func end() {
        isEnded = true
        try? releaseDraft()
        session.streamEnded()
    }

    // MARK: Small streams

    private func finishSmall() throws(StoreError) -> SHA256Digest? {
        let lengths = cutLengths(isLast: true)
        // A single chunk's name is the digest of the whole.
        if isDigested && lengths.count != 1 { course = SHA256Course() }
        let batch = HashBatch(segment, lengths: lengths, of: course)
        batch.hash()
        let chunks = batch.wait()
        let isNew = try session.claim(chunks, kind: .data)
        try keep(chunks, isNew, parents(of: chunks), in: segment)
        segments.give(back: segment)
        chunks.forEach(onChunk)
        return isDigested ? course?.finish() ?? chunks[0].id.digest : nil
    }

    /// Puts those chunks that are new, and lie in the buffer, into the window.
    private func keep(
        _ chunks: [ChunkReference], _ isNew: [Bool], _ parents: [[ChunkID]], in buffer: Buffer
    ) throws(StoreError) {
        var kept: [NewChunk] = []
        var offset = 0
        for (index, chunk) in chunks.enumerated() {
            let end = offset + Int(chunk.length)
            if isNew[index] {
                kept.append(NewChunk(chunk: chunk, bytes: buffer.bytes(offset..<end), parents: parents[index]))
            }
            offset = end
        }
        if !kept.isEmpty { try session.accept(kept, near: key) }
    }

    /// For each chunk, the earlier ones that it may have come from.
    private func parents(of chunks: [ChunkReference]) -> [[ChunkID]] {
        ancestry?.parents(of: chunks.map { Ancestry.Piece(id: $0.id, byteCount: UInt64($0.length)) })
            ?? [[ChunkID]](repeating: [], count: chunks.count)
    }

    // MARK: Large streams

    private func cutLengths(isLast: Bool) -> [Int] {
        var lengths: [Int] = []
        var start = 0
        while true {
            let rest = segment.bytes(start..<segment.count)
            guard let length = chunker.nextChunk(in: rest.bytes, isLast: isLast) else { return lengths }
            lengths.append(length)
            start += length
        }
    }

    /// Cuts what the segment holds, sends the chunks to be hashed, and goes on with the unfinished rest in another segment.
    private func cut(isLast: Bool) throws(StoreError) {
        let lengths = cutLengths(isLast: isLast)
        let whole = segment
        let used = lengths.reduce(0, +)
        segment = segments.take()
        segment.append(whole.bytes(used..<whole.count))
        try place()
        if isDigested && course == nil { course = SHA256Course() }
        let batch = HashBatch(whole, lengths: lengths, of: course)
        session.submit(batch)
        hashing = batch
    }

    /// Waits for the batch that is being hashed and stores what is new of it.
    private func place() throws(StoreError) {
        guard let batch = hashing else { return }
        hashing = nil
        let chunks = batch.wait()
        defer { segments.give(back: batch.buffer) }
        let isNew = try session.claim(chunks, kind: .data)
        let parents = parents(of: chunks)
        var offset = 0
        for (index, chunk) in chunks.enumerated() {
            let bytes = batch.buffer.bytes(offset..<offset + Int(chunk.length))
            if isNew[index] { try store(chunk, bytes, parents[index]) }
            offset += Int(chunk.length)
            onChunk(chunk)
        }
    }

    private func store(
        _ chunk: ChunkReference, _ bytes: UnsafeRawBufferPointer, _ parents: [ChunkID]
    ) throws(StoreError) {
        guard parents.isEmpty else {
            return try session.accept([NewChunk(chunk: chunk, bytes: bytes, parents: parents)], near: key)
        }
        if let full = draft, !full.hasRoom(for: bytes.count) {
            draft = nil
            try session.accept(full)
        }
        if draft == nil { draft = session.draft(for: bytes.count) }
        draft?.append(chunk, bytes)
    }

    private func releaseDraft() throws(StoreError) {
        guard let draft else { return }
        self.draft = nil
        if draft.buffer.count >= Self.blockBytesMin { return try session.accept(draft) }
        let none = [[ChunkID]](repeating: [], count: draft.chunks.count)
        try keep(draft.chunks, draft.chunks.map { _ in true }, none, in: draft.buffer)
    }
}
