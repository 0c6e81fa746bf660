import Bytes
import Posix

/// Goes through what the journal remembers of one folder, in the order of names.
struct JournalCursor {
    private let journal: Journal
    private let folder: [UInt8]
    /// Nil after the last.
    private var nextPage: Int? = 0
    private var reader = ByteReader([])
    private var ahead: JournalItem?

    init(_ folder: [UInt8], in journal: Journal) {
        self.folder = folder
        self.journal = journal
    }

    /// The next item; nil after the last.
    mutating func next() throws(CairnError) -> JournalItem? {
        if let ahead {
            self.ahead = nil
            return ahead
        }
        while reader.remaining == 0 {
            guard let number = nextPage else { return nil }
            let page = try journal.page(number, of: folder)
            nextPage = page.isLast ? nil : number + 1
            reader = ByteReader(page.items)
        }
        do { return try JournalItem(from: &reader) } catch { throw journal.damaged("an item makes no sense") }
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

    /// Replaces what the journal had. Of a folder without names there is an empty page.
    mutating func finish() throws(CairnError) {
        try journal.replace(folder, pages: pages, after: setAside)
    }
}
