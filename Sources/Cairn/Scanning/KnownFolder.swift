import ChunkStore
import Posix

/// What is known from earlier of the names in one folder: by the journal, or, where that is missing and modification times are to be trusted,
/// by a snapshot.
enum KnownFolder {
    case nothing
    case journal(JournalCursor)
    case tree(EntryCursor)

    /// What is known of a name; names are asked for in ascending order. What is passed by goes to `skipped`.
    mutating func find(
        _ name: [UInt8], skipped: (JournalItem) throws(CairnError) -> Void
    ) throws(CairnError) -> JournalItem? {
        switch self {
        case .nothing: return nil
        case .journal(var cursor):
            self = .nothing
            defer { self = .journal(cursor) }
            return try cursor.find(name, skipped: skipped)
        case .tree(var cursor):
            self = .nothing
            defer { self = .tree(cursor) }
            return try cursor.find(name).map { JournalItem($0) }
        }
    }

    /// Passes by what is left.
    mutating func finish(skipped: (JournalItem) throws(CairnError) -> Void) throws(CairnError) {
        guard case .journal(var cursor) = self else { return }
        while let item = try cursor.next() { try skipped(item) }
    }
}
