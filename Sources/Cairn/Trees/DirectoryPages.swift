internal import Bytes
internal import ChunkStore

/// The entries of a directory by pages, which can be read in any order. Within a page, and from page to page, the names ascend.
public struct DirectoryPages: Sendable {
    private enum Place {
        case inline([UInt8])
        case chunk(ChunkID)
    }

    private let places: [Place]

    /// How many pages there are.
    public var count: Int { places.count }

    /// Finds the pages of a directory; there are none of anything else. Takes memory in proportion to their number.
    public init(of directory: TreeEntry, through reader: TreeReader) throws(CairnError) {
        guard case .directory(let content, _) = directory.node else {
            places = []
            return
        }
        if case .inline(let bytes) = content {
            places = [.inline(bytes)]
            return
        }
        var places: [Place] = []
        try reader.forEachChunk(of: content) { places.append(.chunk($0.id)) }
        self.places = places
    }

    /// The entries of a page.
    public func entries(ofPage number: Int, through reader: TreeReader) throws(CairnError) -> [TreeEntry] {
        switch places[number] {
        case .inline(let bytes): return try Self.decode(bytes, ChunkID(of: bytes))
        case .chunk(let id):
            return try Self.decode(try storing { () throws(StoreError) in try reader.chunks.get(id) }, id)
        }
    }

    private static func decode(_ bytes: [UInt8], _ id: ChunkID) throws(CairnError) -> [TreeEntry] {
        do throws(MalformedBytes) { return try TreeEntry.decodePage(bytes) } catch {
            throw CairnError(damagedTree: id, error)
        }
    }
}
