import Posix
import SQLite

extension Journal {
    /// Forgets a folder and all below it.
    func forget(_ folder: FolderKey) throws(CairnError) {
        if folder.hasDigest { return try forgetEach(folder) }
        try writing { (connection) throws(SQLiteError) in
            try Self.deletePages(folder.bytes, in: connection)
            let below = try connection.statement("DELETE FROM pages WHERE folder > ? AND folder < ?")
            let (from, to) = (folder.bytes + [UInt8(ascii: "/")], folder.bytes + [UInt8(ascii: "/") + 1])
            try from.withUnsafeBytesThrowing { raw throws(SQLiteError) in try below.bind(copying: raw, at: 1) }
            try to.withUnsafeBytesThrowing { raw throws(SQLiteError) in try below.bind(copying: raw, at: 2) }
            try below.run()
        }
    }

    /// The same of a folder whose key does not show what lies below it: that is found by reading. What still waits lies in the database, for it
    /// may be much.
    private func forgetEach(_ folder: FolderKey) throws(CairnError) {
        try postpone(folder)
        while let folder = try nextPostponed() {
            var cursor = JournalCursor(folder.bytes, in: self)
            while let item = try cursor.next() {
                guard item.kind == TreeEntry.Node.code(of: .folder) else { continue }
                try postpone(folder.child(Array(item.name)))
            }
            try writing { (connection) throws(SQLiteError) in try Self.deletePages(folder.bytes, in: connection) }
        }
    }

    private func postpone(_ folder: FolderKey) throws(CairnError) {
        try writing { (connection) throws(SQLiteError) in
            let insert = try connection.statement("INSERT INTO forgotten (folder) VALUES (?)")
            try Self.run(insert, folder.bytes)
        }
    }

    /// Nil at the end, and where nothing can be written any more.
    private func nextPostponed() throws(CairnError) -> FolderKey? {
        var next: FolderKey?
        try writing { (connection) throws(SQLiteError) in
            let query = try connection.statement("SELECT number, folder FROM forgotten ORDER BY number DESC LIMIT 1")
            defer { query.reset() }
            guard try query.step() else { return }
            let number = query.integer(0)
            next = FolderKey(withDigest: query.withBlob(1) { Array($0) })
            query.reset()
            let delete = try connection.statement("DELETE FROM forgotten WHERE number = ?")
            try delete.bind(number, at: 1)
            try delete.run()
        }
        return next
    }

    private static func deletePages(_ folder: [UInt8], in connection: Connection) throws(SQLiteError) {
        try run(try connection.statement("DELETE FROM pages WHERE folder = ?"), folder)
    }
}
