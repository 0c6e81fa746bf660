import Crypto
import Posix
import SQLite

/// When each pack was last read whole and found good: a small database beside the catalog, so that a part of the packs a day covers all of them in
/// the end. It may be lost at any time; then every pack counts as never verified.
final class VerifiedPacks {
    private let connection: Connection?

    /// Opens or makes the database in a folder of the cache; without one, or where it cannot be used, nothing is remembered.
    init(_ folder: Path?) {
        guard let folder else {
            connection = nil
            return
        }
        let path = folder.appending("verified.sqlite")
        connection = (try? Self.open(path)) ?? Self.remade(path)
    }

    private static func open(_ path: Path) throws(SQLiteError) -> Connection {
        try? Folder.makeAll(path.parent)
        let connection = try Connection(path: path.string, mode: .create)
        connection.busyTimeoutMilliseconds = 10_000
        do throws(SQLiteError) {
            try connection.execute(
                """
                PRAGMA synchronous = OFF; PRAGMA cache_size = -1024;
                CREATE TABLE IF NOT EXISTS packs (
                    id BLOB NOT NULL, folder INTEGER NOT NULL, verified INTEGER NOT NULL, PRIMARY KEY (id, folder)) WITHOUT ROWID;
                SELECT count(verified) FROM packs;
                """)
        } catch {
            connection.close()
            throw error
        }
        return connection
    }

    private static func remade(_ path: Path) -> Connection? {
        for suffix in ["", "-journal"] { try? Folder.remove(Path(path.string + suffix)) }
        return try? open(path)
    }

    deinit { connection?.close() }

    /// When packs were verified last, Unix seconds.
    func all() -> [PackName: Int64] {
        var all: [PackName: Int64] = [:]
        guard let query = try? connection?.statement("SELECT id, folder, verified FROM packs") else { return all }
        try? query.forEachRow { (row) throws(SQLiteError) in
            guard let id = row.withBlob(0, { SHA256Digest(bytes: $0) }),
                let folder = PackName.PackFolder(rawValue: UInt8(clamping: row.integer(1)))
            else { return }
            all[PackName(folder: folder, id: id)] = row.integer(2)
        }
        return all
    }

    /// Remembers that a pack was found good.
    func note(_ name: PackName, at seconds: Int64) {
        run("INSERT OR REPLACE INTO packs (id, folder, verified) VALUES (?, ?, ?)", name, seconds)
    }

    /// Forgets a pack: it is gone, or was found bad.
    func forget(_ name: PackName) { run("DELETE FROM packs WHERE id = ? AND folder = ?", name) }

    private func run(_ sql: String, _ name: PackName, _ seconds: Int64? = nil) {
        guard let statement = try? connection?.statement(sql) else { return }
        try? ChunkID(name.id).withBound(to: statement, at: 1) { () throws(SQLiteError) in
            try statement.bind(Int64(name.folder.rawValue), at: 2)
            if let seconds { try statement.bind(seconds, at: 3) }
            _ = try statement.step()
        }
    }
}
