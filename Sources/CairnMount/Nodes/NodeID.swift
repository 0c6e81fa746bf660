/// The number by which the kernel asks for a node: the folder in which it is, and its place there. It stays the same as long as the mount lives.
struct NodeID: Hashable, Sendable {
    //  folder 28 bits │ page 19 bits │ place in the page 17 bits
    private static let pageBits: UInt64 = 19
    private static let placeBits: UInt64 = 17
    static let foldersMax = 1 << 28

    let rawValue: UInt64

    /// The folder at the top. The folder with number 0 is nobody's, so no other node is called so.
    static let root = NodeID(rawValue: 1)

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Nil where a folder has more pages, or a page more entries, than there are numbers for.
    init?(folder: UInt32, page: Int, place: Int) {
        guard folder > 0, folder < Self.foldersMax, page < 1 << Self.pageBits, place < 1 << Self.placeBits else {
            return nil
        }
        rawValue = (UInt64(folder) << Self.pageBits | UInt64(page)) << Self.placeBits | UInt64(place)
    }

    var folder: UInt32 { UInt32(rawValue >> (Self.pageBits + Self.placeBits)) }
    var page: Int { Int(rawValue >> Self.placeBits & (1 << Self.pageBits - 1)) }
    var place: Int { Int(rawValue & (1 << Self.placeBits - 1)) }
}
