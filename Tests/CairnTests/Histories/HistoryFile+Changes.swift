import TestSupport

// Changes of a file's bytes, as programs and people make them. Each says what it did.
extension HistoryFile {
    /// Changes something, as suits the kind.
    mutating func change(_ chance: inout SplitMix64) -> String {
        if bytes.isEmpty { return append(&chance) }
        switch chance.number(below: 20) {
        case ..<4: return changeBytes(&chance)
        case ..<8 where kind == .pages: return overwritePages(&chance)
        case ..<8: return changeLines(&chance)
        case ..<11: return insert(&chance)
        case ..<13: return remove(&chance)
        case ..<16: return kind == .pages ? overwritePages(&chance) : append(&chance)
        case ..<18: return append(&chance)
        default: return cut(&chance)
        }
    }

    private mutating func changeBytes(_ chance: inout SplitMix64) -> String {
        let count = 1 + chance.number(below: 4)
        for _ in 0..<count { bytes[chance.number(below: bytes.count)] ^= UInt8(1 + chance.number(below: 255)) }
        return "change \(count) bytes"
    }

    private mutating func changeLines(_ chance: inout SplitMix64) -> String {
        let count = 1 + chance.number(below: 3)
        for _ in 0..<count {
            let start = chance.number(below: bytes.count)
            let end = bytes[start..<min(start + 400, bytes.count)].firstIndex(of: 10) ?? min(start + 80, bytes.count)
            bytes.replaceSubrange(start..<end, with: chance.text(chance.number(below: 160)))
            if bytes.isEmpty { break }
        }
        return "change \(count) lines"
    }

    private mutating func insert(_ chance: inout SplitMix64) -> String {
        let offset = chance.number(below: bytes.count)
        var added = Self.bytes(kind, 1 + length(&chance), from: offset, &chance)
        // Also what puts all that is behind it off its pages.
        if kind == .pages, chance.number(below: 2) == 0 { added.removeLast(1 + chance.number(below: 4_000)) }
        guard bytes.count + added.count <= Self.bytesMax else { return cut(&chance) }
        bytes.insert(contentsOf: added, at: offset)
        return "insert \(added.count) bytes at \(offset)"
    }

    private mutating func remove(_ chance: inout SplitMix64) -> String {
        let start = chance.number(below: bytes.count)
        let end = min(bytes.count, start + 1 + length(&chance))
        bytes.removeSubrange(start..<end)
        return "remove \(end - start) bytes at \(start)"
    }

    /// As a transaction does: some pages here and there, and the first, which counts transactions.
    private mutating func overwritePages(_ chance: inout SplitMix64) -> String {
        let pages = bytes.count / Self.pageBytes
        guard pages > 0 else { return append(&chance) }
        let numbers = Set([0] + (0...chance.number(below: 6)).map { _ in chance.number(below: pages) }).sorted()
        let version = UInt32(2 + chance.number(below: 1_000))
        for number in numbers {
            let start = number * Self.pageBytes
            bytes.replaceSubrange(
                start..<start + Self.pageBytes, with: Self.page(number, version: version, &chance))
        }
        return "overwrite pages \(numbers)"
    }

    private mutating func append(_ chance: inout SplitMix64) -> String {
        let added = Self.bytes(kind, 1 + length(&chance), from: bytes.count, &chance)
        guard bytes.count + added.count <= Self.bytesMax else { return cut(&chance) }
        bytes += added
        return "append \(added.count) bytes"
    }

    private mutating func cut(_ chance: inout SplitMix64) -> String {
        let count = chance.number(below: 6) == 0 ? 0 : chance.number(below: bytes.count)
        bytes.removeLast(bytes.count - count)
        return "cut to \(count) bytes"
    }

    /// Mostly short, sometimes longer than several chunks.
    private func length(_ chance: inout SplitMix64) -> Int {
        chance.number(below: [40, 600, 9_000, 150_000][chance.number(below: 4)])
    }
}
