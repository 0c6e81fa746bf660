import Posix

/// A database of SQLite in one file, with its pages where a day's changes leave them.
struct DatabaseSeries: Series {
    private let folder: Path
    let stateBytes: Int

    /// After these states' changes it is written anew, as a housekeeping job does.
    private static let vacuums = [7, 14]

    init(scratch: Path, scale: Double) {
        folder = scratch.appending("growth-database")
        stateBytes = Int(200e6 * scale)
    }

    var name: Corpus.Name { .database }
    var source: Path { folder }
    var states: Int { 21 }

    func lay(_ state: Int) throws {
        let path = folder.appending("shop.db")
        if state == 0 {
            try FileTree.remove(folder)
            try Folder.makeAll(folder)
        }
        var shop = try ShopDatabase(path, state: state)
        if state == 0 { try shop.fill(stateBytes) } else { try shop.change() }
        if Self.vacuums.contains(state) { try shop.vacuum() }
        shop.close()
    }
}
