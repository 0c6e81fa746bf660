import Bytes

/// New chunks of one small stream, which wait to be ordered among others.
struct WindowItem: Sendable {
    let key: OrderKey
    let chunks: [ChunkReference]
    let bytes: Buffer

    /// What it counts in the window: its bytes, and roughly what keeping them costs.
    var weight: Int { bytes.capacity + 200 + 48 * chunks.count }
}

/// What waits in the window, and what it weighs.
struct WindowGeneration: Sendable {
    private(set) var items: [WindowItem] = []
    private(set) var weight = 0

    mutating func append(_ item: WindowItem) {
        items.append(item)
        weight += item.weight
    }

    /// The items so that alike ones are neighbours; equals keep the order in which they came.
    func ordered() -> [WindowItem] {
        items.indices.sorted { left, right in
            let (a, b) = (items[left].key, items[right].key)
            return a == b ? left < right : a < b
        }.map { items[$0] }
    }
}
