import Bytes
import ChunkStore
import Crypto
import Posix
import SQLite

/// Counts what snapshots hold, one after the other. Exact, with memory that does not grow: what was met stands in a temporary file. A directory
/// that many snapshots share is read at most twice: when it is met first, and once more when it turns out to be shared.
public final class ContentCensus {
    private let reader: TreeReader
    private let met: Scratch
    private var statistics = ContentStatistics()
    private var current: Int64 = 0

    /// The owner of what several snapshots hold.
    private static let shared: Int64 = -1

    /// Begins to count.
    public init(_ reader: TreeReader) throws(CairnError) {
        self.reader = reader
        met = try Scratch(
            """
            CREATE TEMP TABLE directories (key BLOB PRIMARY KEY, owner INTEGER, files INTEGER, bytes INTEGER) WITHOUT ROWID;
            CREATE TEMP TABLE contents (key BLOB PRIMARY KEY, owner INTEGER) WITHOUT ROWID;
            CREATE TEMP TABLE chunks (id BLOB PRIMARY KEY, owner INTEGER, bytes INTEGER) WITHOUT ROWID;
            CREATE TEMP TABLE types (name BLOB PRIMARY KEY, contents INTEGER, bytes INTEGER) WITHOUT ROWID
            """)
    }

    /// Counts one more snapshot, given its root.
    public func add(_ root: TreeEntry, cancellation: Cancellation? = nil) throws(CairnError) {
        current = Int64(statistics.snapshots.count)
        var open: [Frame] = []
        var sums = Sums()
        if let frame = try enter(root, &sums) { open.append(frame) }
        while let last = open.indices.last {
            try cancellation?.check()
            guard let entry = try open[last].cursor.next() else {
                let done = open.removeLast()
                try leave(done)
                if open.isEmpty { sums = done.sums } else { open[last - 1].sums.add(done.sums) }
                continue
            }
            switch entry.node {
            case .directory: if let frame = try enter(entry, &open[last].sums) { open.append(frame) }
            case .file(let size, let content, _, _):
                open[last].sums.add(Sums(files: 1, bytes: size))
                try count(entry.name, size: size, content)
            default: break
            }
        }
        var snapshot = ContentStatistics.OfSnapshot()
        (snapshot.files, snapshot.logicalBytes) = (sums.files, sums.bytes)
        statistics.snapshots.append(snapshot)
    }

    /// What has been counted, with at most so many types.
    public func finish(types: Int = 20) throws(CairnError) -> ContentStatistics {
        var result = statistics
        try met.run { (connection) throws(SQLiteError) in
            let chunks = try connection.statement("SELECT owner, count(*), sum(bytes) FROM chunks GROUP BY owner")
            try chunks.forEachRow { (row) throws(SQLiteError) in
                let (owner, bytes) = (Int(row.integer(0)), UInt64(clamping: row.integer(2)))
                result.uniqueChunks += UInt64(clamping: row.integer(1))
                result.uniqueBytes += bytes
                if result.snapshots.indices.contains(owner) { result.snapshots[owner].aloneBytes = bytes }
            }
            let contents = try connection.statement("SELECT count(*) FROM contents")
            result.contents =
                try contents.firstRow { (row) throws(SQLiteError) in UInt64(clamping: row.integer(0)) } ?? 0
            let named = try connection.statement(
                "SELECT name, contents, bytes FROM types ORDER BY bytes DESC, name LIMIT ?1")
            try named.bind(Int64(types), at: 1)
            try named.forEachRow { (row) throws(SQLiteError) in
                result.types.append(
                    ContentStatistics.OfType(
                        name: row.withBlob(0) { Array($0) }, contents: UInt64(clamping: row.integer(1)),
                        bytes: UInt64(clamping: row.integer(2))))
            }
        }
        return result
    }

    // MARK: Directories

    private struct Sums {
        var files: UInt64 = 0
        var bytes: UInt64 = 0

        mutating func add(_ other: Sums) {
            files = files.addingClamped(other.files)
            bytes = bytes.addingClamped(other.bytes)
        }
    }

    private struct Frame {
        let key: [UInt8]
        var cursor: EntryCursor
        var sums = Sums()
    }

    /// Goes into a directory, unless nothing new is to be learnt there: then its sums are known.
    private func enter(_ directory: TreeEntry, _ sums: inout Sums) throws(CairnError) -> Frame? {
        guard let content = directory.node.directoryContent, content != .empty else { return nil }
        let key = content.key
        let known: (owner: Int64, sums: Sums)? = try met.run { (connection) throws(SQLiteError) in
            let statement = try connection.statement("SELECT owner, files, bytes FROM directories WHERE key = ?1")
            return try key.withUnsafeBytesThrowing { raw throws(SQLiteError) in
                try statement.withBound(blob: raw, at: 1) { () throws(SQLiteError) in
                    try statement.firstRow { (row) throws(SQLiteError) in
                        let sums = Sums(
                            files: UInt64(clamping: row.integer(1)), bytes: UInt64(clamping: row.integer(2)))
                        return (row.integer(0), sums)
                    }
                }
            }
        }
        if let known, known.owner == Self.shared || known.owner == current {
            sums.add(known.sums)
            return nil
        }
        return Frame(key: key, cursor: reader.entries(of: directory))
    }

    /// Only what was read to its end is known.
    private func leave(_ frame: Frame) throws(CairnError) {
        try met.insert(
            """
            INSERT INTO directories VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET owner = -1
            """, frame.key, current, Int64(clamping: frame.sums.files), Int64(clamping: frame.sums.bytes))
    }

    // MARK: Files

    private func count(_ name: [UInt8], size: UInt64, _ content: Content) throws(CairnError) {
        let key = content.key
        let isNew = try met.insert(
            "INSERT INTO contents VALUES (?1, ?2) ON CONFLICT DO UPDATE SET owner = -1 WHERE owner NOT IN (-1, ?2)",
            key, current)
        // Of a content that is all this snapshot's, or all shared, the chunks have been counted so.
        guard isNew else { return }
        try reader.forEachChunk(of: content) { chunk throws(CairnError) in
            try met.insert(
                "INSERT INTO chunks VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET owner = -1 WHERE owner NOT IN (-1, ?2)",
                chunk.id.digest.bytes, current, Int64(chunk.length))
        }
        try met.run { (connection) throws(SQLiteError) in
            let owner = try connection.statement("SELECT owner FROM contents WHERE key = ?1")
            let isFirst = try key.withUnsafeBytesThrowing { raw throws(SQLiteError) in
                try owner.withBound(blob: raw, at: 1) { () throws(SQLiteError) in
                    try owner.firstRow { (row) throws(SQLiteError) in row.integer(0) != Self.shared } ?? false
                }
            }
            guard isFirst else { return }
            let types = try connection.statement(
                """
                INSERT INTO types VALUES (?1, 1, ?2)
                ON CONFLICT DO UPDATE SET contents = contents + 1, bytes = bytes + excluded.bytes
                """)
            try types.bind(Int64(clamping: size), at: 2)
            try Self.type(name).withUnsafeBytesThrowing { raw throws(SQLiteError) in
                try types.withBound(blob: raw, at: 1) { () throws(SQLiteError) in try types.run() }
            }
        }
    }

    /// What follows the last dot, if a name comes before it and it is short.
    private static func type(_ name: [UInt8]) -> [UInt8] {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0, (2...16).contains(name.count - dot) else {
            return []
        }
        return name[(dot + 1)...].map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}

extension Content {
    /// Equal for equal contents, and short.
    fileprivate var key: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return SHA256.digest(writer.bytes).bytes
    }
}
