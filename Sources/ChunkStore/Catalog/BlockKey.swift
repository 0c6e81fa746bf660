/// Which block is meant, as long as the catalog is not made anew.
struct BlockKey: Hashable, Comparable, Sendable {
    /// The pack's number in the catalog.
    let pack: Int64
    /// The block's number in the pack.
    let block: Int64

    /// The order in which blocks lie.
    static func < (left: BlockKey, right: BlockKey) -> Bool { (left.pack, left.block) < (right.pack, right.block) }
}
