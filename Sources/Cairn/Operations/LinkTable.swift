import SQLite

/// The first name of each group of hard links. One thread at a time.
final class LinkTable {
    private var scratch: Scratch?

    init() {}

    /// The path under which a group was met first; nil where that is this one.
    func firstPath(of group: UInt64, or path: [UInt8]) throws(CairnError) -> [UInt8]? {
        let number = Int64(bitPattern: group)
        let scratch = try opened()
        if try scratch.insert("INSERT OR IGNORE INTO links (path, number) VALUES (?1, ?2)", path, number) { return nil }
        return try scratch.run { (connection) throws(SQLiteError) in
            let statement = try connection.statement("SELECT path FROM links WHERE number = ?1")
            try statement.bind(number, at: 1)
            return try statement.firstRow { (row) throws(SQLiteError) in row.withBlob(0) { Array($0) } }
        }
    }

    /// Most trees have no hard links, and need no table.
    private func opened() throws(CairnError) -> Scratch {
        if let scratch { return scratch }
        let made = try Scratch("CREATE TEMP TABLE links (number INTEGER PRIMARY KEY, path BLOB NOT NULL)")
        scratch = made
        return made
    }
}
