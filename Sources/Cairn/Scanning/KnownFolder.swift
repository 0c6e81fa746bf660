import ChunkStore
import Posix

/// What is known from earlier of the names in one folder: by the journal, or, where that is missing and modification times are to be trusted,
/// by a snapshot.
enum KnownFolder {
    case nothing
    case journal(JournalCursor)
    case tree(EntryCursor, isTrusted: Bool)

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
        case .tree(var cursor, let isTrusted):
            self = .nothing
            do throws(CairnError) {
                let entry = try cursor.find(name)
                self = .tree(cursor, isTrusted: isTrusted)
                return entry.map { JournalItem($0, isTrusted: isTrusted) }
            } catch {
                // What only shows where something may have come from is not needed.
                if isTrusted { throw error }
                return nil
            }
        }
    }

    /// Passes by what is left.
    mutating func finish(skipped: (JournalItem) throws(CairnError) -> Void) throws(CairnError) {
        guard case .journal(var cursor) = self else { return }
        while let item = try cursor.next() { try skipped(item) }
    }
}
