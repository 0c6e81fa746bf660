/// The limits of FORMAT.md, section 12.
enum TreeLimits {
    static let entryBytes = 8_388_000
    static let nameBytes = 4_096
    static let targetBytes = 4_096
    static let ownerBytes = 255
    static let attributeValueBytes = 65_536
    static let inlineBytes = 65_536
    static let chunksInEntry = 64
    static let itemsInList = 4_096
    static let listDepth = 4
}
