// unsafe: file content is read into memory that is lent to the store.
import ChunkStore
import Crypto
import Posix

/// Reads files into the store. It keeps scratch memory; one thread at a time.
final class FileIntake {
    /// What a file became.
    struct Product {
        var status: FileStatus
        var isFresh: Bool
        var node: TreeEntry.Node
        var attributes: [ExtendedAttribute]
        /// The lists that its content and its holes needed, for who wants to store them again; empty where they are too long for that.
        var lists: [[UInt8]] = []
        /// Set if it changed again while it was read a second time.
        var failure: ItemFailure.Kind?
    }

    /// Files up to this size are read whole before they are put.
    private static let smallBytesMax = 256 << 10
    /// A file is read this often while it changes under our hands.
    private static let triesMax = 2
    /// Lists of more bytes in all are not remembered: those of a file of ten gigabytes or so. Most of them are stored while it is being read.
    private static let listBytesMax = 8 << 20
    /// How long a stream is waited for before somebody's wish to stop is looked for.
    private static let patienceMilliseconds: Int32 = 100

    private let session: WriteSession
    private let reader: ChunkReader
    private let making: EntryMaking
    private let progress: OperationProgress
    private let cancellation: Cancellation
    private var lists: [[UInt8]] = []
    private var listBytes = 0
    private let small = UnsafeMutableRawBufferPointer.allocate(byteCount: smallBytesMax, alignment: 4096)

    init(
        session: WriteSession, reader: ChunkReader, making: EntryMaking, progress: OperationProgress,
        cancellation: Cancellation
    ) {
        self.session = session
        self.reader = reader
        self.making = making
        self.progress = progress
        self.cancellation = cancellation
    }

    deinit { small.deallocate() }

    /// The chunks of the stream that is being written, which wait to be noted.
    private final class Sink {
        var chunks: [ChunkReference] = []
    }

    /// What reading came to: an error of the file system concerns this file alone, one of the store everything.
    enum Trouble: Error {
        case file(PosixError)
        case all(CairnError)
    }

    /// Reads a file of a folder. `seen` is what the walk saw of it, `old` what it may have come from; it may be expected to be just that still.
    func take(
        _ name: Path, in folder: OpenFolder, near key: OrderKey, seen: FileStatus, old: TreeEntry?, isExpected: Bool
    ) throws(Trouble) -> Product {
        forgetLists()
        if let product = try takeSmall(name, in: folder, near: key, seen: seen, old: old) { return product }
        var expected = isExpected ? old : nil
        var tries = 0
        while true {
            let began = FileTime.now
            forgetLists()
            let file = try open(name, in: folder)
            let before = try reading { () throws(PosixError) in try file.status() }
            guard before.isRegular else { throw .file(PosixError(call: "open", path: name, errno: .stale)) }
            let attributes = try reading { () throws(PosixError) in try making.attributes(of: file) }
            let read = try content(of: file, before, near: key, old: old, expected: expected)
            guard let read else {
                // It is not what was expected: once more, with a digest of the whole.
                expected = nil
                continue
            }
            let after = try reading { () throws(PosixError) in try file.status() }
            let isSteady =
                after.size == before.size && after.modified == before.modified
                && after.changed == before.changed && after.size == read.size
            tries += 1
            if isSteady || tries >= Self.triesMax {
                // The holes that it had may lie beyond what was read.
                let holes = isSteady ? read.holes : .empty
                return Product(
                    status: before, isFresh: !isSteady || before.isFresh(at: began),
                    node: .file(size: read.size, content: read.content, digest: read.digest, holes: holes),
                    attributes: attributes, lists: takeLists(), failure: isSteady ? nil : .changed)
            }
        }
    }

    /// The usual case, with the fewest calls: a small file that is still what the walk saw when it has been read. Nil where it is not.
    private func takeSmall(
        _ name: Path, in folder: OpenFolder, near key: OrderKey, seen: FileStatus, old: TreeEntry?
    ) throws(Trouble) -> Product? {
        guard seen.size < UInt64(Self.smallBytesMax), seen.blocks >= (seen.size + 511) / 512 else { return nil }
        let began = FileTime.now
        let file = try open(name, in: folder)
        // One byte more than there should be tells a file that has grown.
        let room = UnsafeMutableRawBufferPointer(rebasing: small[..<(Int(seen.size) + 1)])
        let count = try reading { () throws(PosixError) in try file.read(into: room) }
        guard count == Int(seen.size) else { return nil }
        let attributes = try reading { () throws(PosixError) in try making.attributes(of: file) }
        guard try reading({ () throws(PosixError) in try file.status() }) == seen else { return nil }
        let read = try smallContent(count, near: key, old: old, holes: .empty)
        return Product(
            status: seen, isFresh: seen.isFresh(at: began),
            node: .file(size: read.size, content: read.content, digest: read.digest, holes: read.holes),
            attributes: attributes, lists: takeLists(), failure: nil)
    }

    /// Reads a stream to its end. `old` is what it was last time.
    func take(_ stream: StreamSource, after old: TreeEntry?) throws(CairnError) -> Product {
        do throws(Trouble) {
            let status = try reading { () throws(PosixError) in try stream.file.status() }
            let read = try largeContent(
                of: stream.file, nil, head: 0, near: .none, old: old, holes: .empty, expected: nil)
            guard let read else {
                throw .all(CairnError(.system, "the stream was expected to be another one"))
            }
            return Product(
                status: status, isFresh: true,
                node: .file(size: read.size, content: read.content, digest: read.digest, holes: read.holes),
                attributes: [], failure: nil)
        } catch {
            switch error {
            case .all(let error): throw error
            case .file(let error): throw CairnError(.source, error)
            }
        }
    }

    private struct Read {
        var size: UInt64
        var content: Content
        var digest: SHA256Digest
        var holes: Content
    }

    private func open(_ name: Path, in folder: OpenFolder) throws(Trouble) -> FileDescriptor {
        let options: FileDescriptor.Options = [.read, .nonBlocking, .noFollow]
        do throws(PosixError) {
            return try folder.descriptor.open(name, options.union(.noAccessTime))
        } catch {
            // Only the owner may read without leaving a trace.
            guard error.errno == .notPermitted else { throw .file(error) }
        }
        return try reading { () throws(PosixError) in try folder.descriptor.open(name, options) }
    }

    private func reading<Result: ~Copyable>(_ body: () throws(PosixError) -> Result) throws(Trouble) -> Result {
        do throws(PosixError) { return try body() } catch { throw .file(error) }
    }

    private func storing<Result: ~Copyable>(_ body: () throws(StoreError) -> Result) throws(Trouble) -> Result {
        do throws(StoreError) { return try body() } catch { throw .all(CairnError(error)) }
    }

    private func listing<Result>(_ body: () throws(CairnError) -> Result) throws(Trouble) -> Result {
        do throws(CairnError) { return try body() } catch { throw .all(error) }
    }

    // MARK: Content

    /// Puts the content. Nil where it is not what was expected.
    private func content(
        of file: borrowing FileDescriptor, _ status: FileStatus, near key: OrderKey, old: TreeEntry?,
        expected: TreeEntry?
    ) throws(Trouble) -> Read? {
        let holes = try holes(of: file, status)
        if status.size <= Self.smallBytesMax {
            let count = try fill(small, from: file)
            if count < small.count { return try smallContent(count, near: key, old: old, holes: holes) }
            let rest = FileCursor(status, from: UInt64(count))
            return try largeContent(of: file, rest, head: count, near: key, old: old, holes: holes, expected: nil)
        }
        file.adviseSequential()
        return try largeContent(
            of: file, FileCursor(status, from: 0), head: 0, near: key, old: old, holes: holes, expected: expected)
    }

    /// Reads until the buffer is full or the file ends. From the current position on: some special files refuse to be read at an offset.
    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer, from file: borrowing FileDescriptor
    ) throws(Trouble) -> Int {
        var count = 0
        while count < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let got: Int
            do throws(PosixError) { got = try file.read(into: rest) } catch { throw .file(error) }
            if got == 0 { break }
            count += got
        }
        return count
    }

    private func smallContent(
        _ count: Int, near key: OrderKey, old: TreeEntry?, holes: Content
    ) throws(Trouble) -> Read {
        if count == 0 { return Read(size: 0, content: .empty, digest: SHA256.digest([]), holes: holes) }
        let bytes = UnsafeRawBufferPointer(rebasing: small[..<count])
        let sink = Sink()
        let digest = try storing { () throws(StoreError) in
            let stream = try session.stream(near: key, after: ancestry(old), isDigested: true) {
                sink.chunks.append($0)
            }
            try stream.write(bytes)
            return try stream.finish()
        }
        progress.update { $0.bytesDone += UInt64(count) }
        var builder = builder(after: old)
        for chunk in sink.chunks { try listing { () throws(CairnError) in try builder.append(chunk) } }
        return Read(
            size: UInt64(count), content: try listing { () throws(CairnError) in try builder.finish() },
            digest: digest ?? SHA256.digest(bytes), holes: holes)
    }

    /// Puts what follows the `head` that lies in `small`. Without `bytes` the file is a stream, whose end may be long in coming.
    private func largeContent(
        of file: borrowing FileDescriptor, _ bytes: FileCursor?, head: Int, near key: OrderKey, old: TreeEntry?,
        holes: Content, expected: TreeEntry?
    ) throws(Trouble) -> Read? {
        var bytes = bytes
        let sink = Sink()
        let stream = try storing { () throws(StoreError) in
            // What is as expected came from itself, and what is not is read again.
            try session.stream(
                near: key, after: expected == nil ? ancestry(old) : nil, isDigested: expected == nil
            ) { sink.chunks.append($0) }
        }
        var intake = Intake(builder: builder(after: old), expected: Expectation(expected, reader: reader))
        var size = UInt64(head)
        if head > 0 {
            let bytes = UnsafeRawBufferPointer(rebasing: small[..<head])
            try storing { () throws(StoreError) in try stream.write(bytes) }
        }
        while true {
            try listing { () throws(CairnError) in try cancellation.check() }
            if bytes == nil {
                let isReady = try reading { () throws(PosixError) in
                    try file.waitReadable(milliseconds: Self.patienceMilliseconds)
                }
                guard isReady else { continue }
            }
            let count = try stream.write(
                reading: { (buffer) throws(Trouble) in
                    let got: Int
                    do throws(PosixError) {
                        if bytes == nil {
                            got = try file.read(into: buffer)
                        } else {
                            got = try bytes!.next(into: buffer, of: file)
                        }
                    } catch { throw .file(error) }
                    return got
                }, failure: { .all(CairnError($0)) })
            if count == 0 { break }
            size += UInt64(count)
            progress.update { $0.bytesDone += UInt64(count) }
            guard try take(sink, &intake) else { break }
        }
        let digest = try storing { () throws(StoreError) in try stream.finish() }
        guard try take(sink, &intake), intake.isAsExpected(size) else {
            progress.update { $0.bytesDone -= size }
            return nil
        }
        if let entry = intake.expected?.entry, case .file(let size, let content, let digest, _) = entry.node {
            return Read(size: size, content: content, digest: digest, holes: holes)
        }
        var builder = intake.builder
        let content = try listing { () throws(CairnError) in try builder.finish() }
        guard let digest else { throw .all(CairnError(.system, "a stream was read without its digest")) }
        return Read(size: size, content: content, digest: digest, holes: holes)
    }

    /// The chunks that a file is expected to consist of.
    private struct Expectation {
        let entry: TreeEntry
        var chunks: ChunkCursor

        init?(_ entry: TreeEntry?, reader: ChunkReader) {
            guard let entry, case .file(_, let content, _, _) = entry.node else { return nil }
            self.entry = entry
            chunks = ChunkCursor(content, reader: reader)
        }
    }

    private struct Intake {
        var builder: ContentBuilder
        var expected: Expectation?

        func isAsExpected(_ size: UInt64) -> Bool {
            guard let expected, case .file(let wanted, _, _, _) = expected.entry.node else { return true }
            return size == wanted
        }
    }

    /// Notes the chunks that have come; false where one is not what was expected.
    private func take(_ sink: Sink, _ intake: inout Intake) throws(Trouble) -> Bool {
        defer { sink.chunks.removeAll(keepingCapacity: true) }
        for chunk in sink.chunks {
            if intake.expected != nil {
                // A list that cannot be read expects nothing.
                guard (try? intake.expected?.chunks.next()) == chunk else { return false }
            } else {
                do throws(CairnError) { try intake.builder.append(chunk) } catch { throw .all(error) }
            }
        }
        return true
    }

    private func ancestry(_ old: TreeEntry?) -> Ancestry? {
        old?.content.flatMap { Ancestry(chunksOf: $0, reader: reader) }
    }

    private func builder(after old: TreeEntry? = nil) -> ContentBuilder {
        ContentBuilder(put: put, after: old?.content.flatMap { Ancestry(listsOf: $0, reader: reader) })
    }

    /// What was put since the file was begun.
    private func takeLists() -> [[UInt8]] {
        defer { forgetLists() }
        return listBytes <= Self.listBytesMax ? lists : []
    }

    private func forgetLists() {
        lists = []
        listBytes = 0
    }

    private func put(_ bytes: [UInt8], _ parents: [ChunkID]) throws(CairnError) -> ChunkID {
        listBytes += bytes.count
        if listBytes <= Self.listBytesMax { lists.append(bytes) }
        do throws(StoreError) { return try session.put(bytes, as: .tree, after: parents) } catch {
            throw CairnError(error)
        }
    }

    // MARK: Holes

    /// Where the file has holes: pairs of offset and length.
    private func holes(of file: borrowing FileDescriptor, _ status: FileStatus) throws(Trouble) -> Content {
        // A file that takes all the space that its size needs has none.
        guard status.blocks < (status.size + 511) / 512, status.size > 0 else { return .empty }
        var map = HoleMap(builder: builder(), put: put)
        var offset: UInt64 = 0
        while offset < status.size {
            let start: UInt64
            do throws(PosixError) {
                start = try file.nextHole(from: offset)
                if start >= status.size { break }
                offset = min(try file.nextData(from: start) ?? status.size, status.size)
            } catch {
                // A file system that cannot say has none that matter; one that shrank is noticed later.
                break
            }
            // Somebody may be filling it meanwhile.
            let length = offset - min(start, offset)
            if length > 0 { try listing { () throws(CairnError) in try map.append(offset: start, length: length) } }
        }
        return try listing { () throws(CairnError) in try map.finish() }
    }
}
