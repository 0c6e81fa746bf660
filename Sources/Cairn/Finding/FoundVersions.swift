import Bytes
import Crypto
import Posix
import SQLite

/// Versions that were found in one batch of snapshots after the other, to be told in the order of paths when all are known.
struct FoundVersions {
    private let scratch: Scratch

    init() throws(CairnError) {
        scratch = try Scratch(
            """
            CREATE TEMP TABLE versions (number INTEGER PRIMARY KEY, path BLOB NOT NULL, key BLOB NOT NULL, entry BLOB NOT NULL,
                UNIQUE (path, key));
            CREATE TEMP TABLE holders (version INTEGER, snapshot INTEGER, PRIMARY KEY (version, snapshot)) WITHOUT ROWID
            """)
    }

    func add(_ match: SnapshotSearch.Match) throws(CairnError) {
        let (path, key, entry) = (Array(match.path.bytes), match.entry.versionKey.bytes, match.entry.encode())
        try scratch.run { (connection) throws(SQLiteError) in
            let insert = try connection.statement(
                "INSERT OR IGNORE INTO versions (path, key, entry) VALUES (?1, ?2, ?3)")
            let select = try connection.statement("SELECT number FROM versions WHERE path = ?1 AND key = ?2")
            for (index, blob) in [path, key, entry].enumerated() {
                try blob.withUnsafeBytesThrowing { raw throws(SQLiteError) in
                    try insert.bind(copying: raw, at: index + 1)
                }
            }
            try insert.run()
            for (index, blob) in [path, key].enumerated() {
                try blob.withUnsafeBytesThrowing { raw throws(SQLiteError) in
                    try select.bind(copying: raw, at: index + 1)
                }
            }
            let number = try select.firstRow { (row) throws(SQLiteError) in row.integer(0) } ?? 0
            let holder = try connection.statement("INSERT OR IGNORE INTO holders VALUES (?1, ?2)")
            for snapshot in match.snapshots {
                try holder.bind(number, at: 1)
                try holder.bind(Int64(snapshot), at: 2)
                try holder.run()
            }
        }
    }

    /// Calls the body with each version and all its snapshots, in the order of paths, then of their first snapshots.
    func forEach(_ body: (SnapshotSearch.Match) throws(CairnError) -> Void) throws(CairnError) {
        var failure: CairnError?
        try scratch.run { (connection) throws(SQLiteError) in
            let statement = try connection.statement(
                """
                SELECT path, entry, number FROM versions
                ORDER BY path, (SELECT min(snapshot) FROM holders WHERE version = number)
                """)
            try statement.forEachRow { (row) throws(SQLiteError) in
                guard failure == nil else { return }
                let (path, bytes) = (row.withBlob(0) { Array($0) }, row.withBlob(1) { Array($0) })
                let holders = try connection.statement("SELECT snapshot FROM holders WHERE version = ?1 ORDER BY 1")
                try holders.bind(row.integer(2), at: 1)
                var snapshots: [Int] = []
                try holders.forEachRow { (row) throws(SQLiteError) in snapshots.append(Int(row.integer(0))) }
                // What was encoded here is read as it was.
                guard let entry = try? TreeEntry.decodePage(bytes).first else { return }
                do throws(CairnError) {
                    try body(SnapshotSearch.Match(path: Path(path), entry: entry, snapshots: snapshots))
                } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }
}

extension TreeEntry {
    /// Equal for entries between which ``TreeChange`` sees no difference, names, and what lies below directories, included.
    var versionKey: SHA256Digest {
        var plain = self
        (plain.userName, plain.groupName, plain.linkGroup) = ([], [], nil)
        switch node {
        case .file(let size, _, let digest, _):
            plain.node = .file(size: size, content: .inline(digest.bytes), digest: digest, holes: .empty)
        case .directory(_, let digest): plain.node = .directory(content: .empty, digest: digest)
        default: break
        }
        return SHA256.digest(plain.encode())
    }
}
