import Bytes
import Posix

/// Goes through what the journal remembers of one folder, in the order of names.
struct JournalCursor {
    private let journal: Journal
    private let folder: [UInt8]
    private var nextPage = 0
    private var reader = ByteReader([])
    private var ahead: JournalItem?

    init(_ folder: [UInt8], in journal: Journal) {
        self.folder = folder
        self.journal = journal
    }

    /// The next item; nil after the last. A journal that makes no sense has no items.
    mutating func next() throws(CairnError) -> JournalItem? {
        if let ahead {
            self.ahead = nil
            return ahead
        }
        while reader.remaining == 0 {
            guard let bytes = try journal.page(nextPage, of: folder) else { return nil }
            nextPage += 1
            reader = ByteReader(bytes)
        }
        if let item = try? JournalItem(from: &reader) { return item }
        nextPage = .max
        reader = ByteReader([])
        return nil
    }

    /// The item of a name, if there is one; names are asked for in ascending order. What is passed by goes to `skipped`.
    mutating func find(
        _ name: [UInt8], skipped: (JournalItem) throws(CairnError) -> Void
    ) throws(CairnError) -> JournalItem? {
        while let item = try next() {
            if item.name.elementsEqual(name) { return item }
            if name.precedes(Array(item.name)) {
                ahead = item
                return nil
            }
            try skipped(item)
        }
        return nil
    }
}

/// Collects the new items of one folder in pages for the journal.
struct JournalPages {
    /// More than this is set aside in the database.
    private static let pagesInMemoryMax = 4

    private let journal: Journal
    private let folder: [UInt8]
    private var pages: [[UInt8]] = [[]]
    private var setAside = 0

    init(_ folder: [UInt8], in journal: Journal) {
        self.folder = folder
        self.journal = journal
    }

    mutating func append(_ item: JournalItem) throws(CairnError) {
        pages[pages.count - 1] += item.bytes
        guard pages[pages.count - 1].count >= Journal.pageBytes else { return }
        if pages.count == Self.pagesInMemoryMax {
            for page in pages {
                try journal.setAside(page, page: setAside, of: folder)
                setAside += 1
            }
            pages = []
        }
        pages.append([])
    }

    /// Replaces what the journal had.
    mutating func finish() throws(CairnError) {
        if pages.last == [] { pages.removeLast() }
        try journal.replace(folder, pages: pages, after: setAside)
    }
}
