import TestSupport

/// A file of a history: bytes of a kind, and how bytes of that kind come about.
struct HistoryFile {
    /// What the bytes are like, which decides how they are cut, compressed and changed.
    enum Kind: CaseIterable {
        /// Lines of words.
        case text
        /// Pages of rows under a head with a number and a version, as databases have them.
        case pages
        /// Bytes that nothing compresses.
        case noise
        /// Lines with ascending times, which mostly grows.
        case log
    }

    static let pageBytes = 4_096
    /// No file grows beyond this.
    static let bytesMax = 7 << 20

    let kind: Kind
    var bytes: [UInt8]

    init(_ kind: Kind, about count: Int, _ chance: inout SplitMix64) {
        self.kind = kind
        bytes = Self.bytes(kind, count, from: 0, &chance)
    }

    /// New bytes of a kind, about so many, as they would stand behind `offset` bytes.
    static func bytes(_ kind: Kind, _ count: Int, from offset: Int, _ chance: inout SplitMix64) -> [UInt8] {
        switch kind {
        case .text: return chance.text(count)
        case .noise: return chance.bytes(count)
        case .pages:
            let first = offset / pageBytes
            return (first..<first + (count + pageBytes - 1) / pageBytes).flatMap { page($0, version: 1, &chance) }
        case .log:
            var bytes: [UInt8] = []
            var seconds = 1_700_000_000 + offset / 16
            while bytes.count < count {
                seconds += chance.number(below: 9)
                bytes += Array("\(seconds) host service[\(chance.number(below: 5))]: ".utf8)
                bytes += rows[chance.number(below: rows.count)]
                bytes.append(UInt8(ascii: "\n"))
            }
            return bytes
        }
    }

    /// A page: its head, rows with ascending keys, and zeros where no more were put.
    static func page(_ number: Int, version: UInt32, _ chance: inout SplitMix64) -> [UInt8] {
        var page: [UInt8] = []
        page.reserveCapacity(pageBytes)
        page += Array("page".utf8) + bigEndian(UInt64(number)) + bigEndian(UInt64(version))
        let full = pageBytes - chance.number(below: pageBytes / 3)
        var key = UInt64(number) << 10
        while true {
            let row = rows[chance.number(below: rows.count)]
            guard page.count + 8 + row.count <= full else { break }
            key += UInt64(1 + chance.number(below: 3))
            page += bigEndian(key) + row
        }
        return page + [UInt8](repeating: 0, count: pageBytes - page.count)
    }

    private static func bigEndian(_ number: UInt64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    /// What rows of databases and lines of logs are drawn from.
    private static let rows: [[UInt8]] = {
        var chance = SplitMix64(seed: 4_096)
        return (0..<300).map { _ in chance.text(20 + chance.number(below: 90)).map { $0 == 10 ? 32 : $0 } }
    }()
}
