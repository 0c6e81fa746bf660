import Bytes
import ChunkStore
import Posix

/// Goes through the entries of a directory in the order of their names, one page at a time.
public struct EntryCursor {
    private let reader: ChunkReader
    private var pages: ChunkCursor
    private var page: ArraySlice<TreeEntry> = []
    private var inline: [UInt8]?
    private var lastName: [UInt8]?

    init(_ content: Content, reader: ChunkReader) {
        self.reader = reader
        pages = ChunkCursor(content, reader: reader)
        if case .inline(let bytes) = content { inline = bytes }
    }

    /// The next entry; nil after the last.
    public mutating func next() throws(CairnError) -> TreeEntry? {
        while page.isEmpty {
            if let bytes = inline {
                inline = nil
                page = try decode(bytes, ChunkID(of: bytes))
            } else {
                guard let chunk = try pages.next() else { return nil }
                page = try decode(try storing { () throws(StoreError) in try reader.get(chunk.id) }, chunk.id)
            }
        }
        return page.popFirst()
    }

    /// The entry of a name, if there is one; names are asked for in ascending order.
    mutating func find(_ name: [UInt8]) throws(CairnError) -> TreeEntry? {
        while let entry = try next() {
            if entry.name == name { return entry }
            if name.precedes(entry.name) {
                page = [entry] + page
                return nil
            }
        }
        return nil
    }

    private mutating func decode(_ bytes: [UInt8], _ id: ChunkID) throws(CairnError) -> ArraySlice<TreeEntry> {
        do throws(MalformedBytes) {
            let entries = try TreeEntry.decodePage(bytes)
            // Within a page the names ascend; here it is seen to that they do so from page to page.
            if let lastName, let first = entries.first, !lastName.precedes(first.name) {
                throw MalformedBytes(offset: 0, reason: "a page begins with a name before the last one's")
            }
            lastName = entries.last?.name ?? lastName
            return entries[...]
        } catch { throw CairnError(damagedTree: id, error) }
    }
}

extension ChunkID {
    init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes { ChunkID(of: $0) } }
}
