import Bytes
import Crypto

//  check 8 │ is it the last 1 │ items

/// A page of the journal. What it holds is proved by a check that covers its place too.
struct JournalPage {
    private static let checkBytes = 8

    /// One behind the other.
    let items: [UInt8]
    /// Whether the folder has no more pages.
    let isLast: Bool

    init(items: [UInt8], isLast: Bool) {
        self.items = items
        self.isLast = isLast
    }

    /// Takes a page from its bytes; nil if they are not what was written for this place.
    init?(_ bytes: [UInt8], number: Int, folder: [UInt8]) {
        guard bytes.count > Self.checkBytes, bytes[Self.checkBytes] <= 1 else { return nil }
        self.init(items: Array(bytes[(Self.checkBytes + 1)...]), isLast: bytes[Self.checkBytes] == 1)
        guard bytes.prefix(Self.checkBytes).elementsEqual(check(number: number, folder: folder)) else { return nil }
    }

    /// The bytes to be stored.
    func encode(number: Int, folder: [UInt8]) -> [UInt8] {
        check(number: number, folder: folder) + [isLast ? 1 : 0] + items
    }

    private func check(number: Int, folder: [UInt8]) -> [UInt8] {
        var place = ByteWriter(capacity: folder.count + 16)
        place.append(UInt32(folder.count))
        place.append(bytes: folder)
        place.append(Int64(number))
        place.append(isLast ? 1 : 0)
        let digest = SHA256Stream()
        digest.update(place.bytes)
        digest.update(items)
        return Array(digest.finish().bytes.prefix(Self.checkBytes))
    }
}
