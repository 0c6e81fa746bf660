import Bytes
import Posix
import SQLite

//  length of the rest 4 │ check 4 │ length of the key 4 │ key │ item │ lists: (length 4, bytes)…

/// The files that a run has read so far, written down as it goes, so that a run that is cut off need not be done all over again. Only
/// one process at a time keeps such a record for a source. Any thread may call.
final class FinishedFiles: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var lastWrite: Int64 = 0
        var isClosed = false
    }

    private static let pendingBytesMax = 64 << 10
    private static let nanosecondsBetweenWrites: Int64 = 500_000_000
    private static let recordBytesMax = 1 << 24

    private let file: FileDescriptor
    private let state = Monitor(State())
    private let earlier: Monitor<Table?>

    private final class Table: @unchecked Sendable {
        // Unchecked, for it lies in a monitor.
        let connection: Connection
        init(_ connection: Connection) { self.connection = connection }
    }

    /// Opens the record of a source, and takes in what an earlier run left; nil where another process has it.
    static func open(_ path: Path) throws(PosixError) -> FinishedFiles? {
        let file = try FileDescriptor.open(path, [.readWrite, .create, .append])
        return try file.tryLock() ? FinishedFiles(file, path) : nil
    }

    private init(_ file: consuming FileDescriptor, _ path: Path) {
        let (table, whole) = Self.load(path)
        // What follows a torn end would never be read.
        try? file.truncate(to: whole)
        self.file = file
        earlier = Monitor(table)
    }

    /// Reads what is whole of a record into a temporary database; says how many bytes that was.
    private static func load(_ path: Path) -> (Table?, UInt64) {
        guard let file = try? FileDescriptor.open(path, .read), let size = try? file.status().size, size > 0,
            let connection = try? Connection(path: "finished files", mode: .temporary),
            (try? connection.execute("CREATE TABLE files (path BLOB PRIMARY KEY, item BLOB) WITHOUT ROWID; BEGIN"))
                != nil
        else { return (nil, 0) }
        var whole: UInt64 = 0
        while let (path, item, length) = next(in: file, at: whole) {
            guard (try? insert(path, item, into: connection)) != nil else { break }
            whole += length
        }
        return (whole == 0 ? nil : Table(connection), whole)
    }

    private static func next(in file: borrowing FileDescriptor, at offset: UInt64) -> ([UInt8], [UInt8], UInt64)? {
        var head = [UInt8](repeating: 0, count: 8)
        guard read(file, at: offset, into: &head) else { return nil }
        var reader = ByteReader(head)
        guard let length = try? Int(reader.uint32()), let check = try? reader.uint32(),
            (4...recordBytesMax).contains(length)
        else { return nil }
        var body = [UInt8](repeating: 0, count: length)
        guard read(file, at: offset + 8, into: &body), self.check(body) == check else { return nil }
        var fields = ByteReader(body)
        guard let count = try? Int(fields.uint32()), let path = try? fields.bytes(count),
            let item = try? fields.bytes(fields.remaining)
        else { return nil }
        return (path, item, UInt64(8 + length))
    }

    private static func read(_ file: borrowing FileDescriptor, at offset: UInt64, into bytes: inout [UInt8]) -> Bool {
        let wanted = bytes.count
        let got = try? bytes.withUnsafeMutableBytesThrowing { raw throws(PosixError) in
            try file.read(into: raw, at: offset)
        }
        return got == wanted
    }

    private static func insert(_ path: [UInt8], _ item: [UInt8], into connection: Connection) throws(SQLiteError) {
        let insert = try connection.statement("INSERT OR REPLACE INTO files VALUES (?, ?)")
        try path.withUnsafeBytesThrowing { raw throws(SQLiteError) in try insert.bind(copying: raw, at: 1) }
        try item.withUnsafeBytesThrowing { raw throws(SQLiteError) in try insert.bind(copying: raw, at: 2) }
        try insert.run()
    }

    /// FNV-1a: a torn write is to be noticed, nothing more.
    private static func check(_ bytes: [UInt8]) -> UInt32 {
        bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }

    /// A file that an earlier run has read.
    struct Finished {
        let item: JournalItem
        /// The lists that its content and holes need. They are stored behind everything that they list, and may not have been when the run was cut off.
        let lists: [[UInt8]]

        fileprivate init(_ bytes: [UInt8]) throws(MalformedBytes) {
            var reader = ByteReader(bytes)
            item = try JournalItem(from: &reader)
            var lists: [[UInt8]] = []
            while reader.remaining > 0 {
                let count = Int(try reader.uint32())
                lists.append(try reader.bytes(count))
            }
            self.lists = lists
        }
    }

    /// What an earlier run noted of a file.
    func file(at key: FolderKey) -> Finished? {
        earlier.withLock { table in
            guard let table, let query = try? table.connection.statement("SELECT item FROM files WHERE path = ?") else {
                return nil
            }
            let found = try? key.bytes.withUnsafeBytesThrowing { raw throws(SQLiteError) in
                try query.withBound(blob: raw, at: 1) { () throws(SQLiteError) in
                    try query.step() ? query.withBlob(0) { Array($0) } : nil
                }
            }
            return found.flatMap { $0 }.flatMap { try? Finished($0) }
        }
    }

    /// Whether an earlier run left anything.
    var isResuming: Bool { earlier.withLock { $0 != nil } }

    /// Notes a file that was read.
    func add(_ key: FolderKey, _ item: JournalItem, lists: [[UInt8]]) {
        var body = ByteWriter(capacity: lists.reduce(key.bytes.count + item.bytes.count + 4) { $0 + $1.count + 4 })
        body.append(UInt32(key.bytes.count))
        body.append(bytes: key.bytes)
        body.append(bytes: item.bytes)
        for list in lists {
            body.append(UInt32(list.count))
            body.append(bytes: list)
        }
        guard body.bytes.count <= Self.recordBytesMax else { return }
        var record = ByteWriter(capacity: body.bytes.count + 8)
        record.append(UInt32(body.bytes.count))
        record.append(Self.check(body.bytes))
        record.append(bytes: body.bytes)
        state.withLock { state in
            guard !state.isClosed else { return }
            state.pending += record.bytes
            let now = Machine.monotonicNanoseconds
            if state.pending.count >= Self.pendingBytesMax || now - state.lastWrite >= Self.nanosecondsBetweenWrites {
                write(&state)
                state.lastWrite = now
            }
        }
    }

    private func write(_ state: inout State) {
        // What cannot be noted is read again: no reason to stop. What would follow a torn record nobody would read.
        do throws(PosixError) {
            try state.pending.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
        } catch { state.isClosed = true }
        state.pending.removeAll(keepingCapacity: true)
    }

    /// Writes down what is pending.
    func close() {
        state.withLock { state in
            if !state.isClosed { write(&state) }
            state.isClosed = true
        }
    }

    /// The run is finished: its journal says everything.
    func remove() {
        state.withLock { state in
            state.isClosed = true
            try? file.truncate(to: 0)
        }
    }
}
