import Bytes
import Compression

/// Reads a block, opens it and decodes it. Keeps scratch memory; one thread at a time.
final class BlockDecoder {
    private let repository: Repository
    private let shelf: BufferShelf
    private let decompressor: Decompressor
    private var stored = Buffer(capacity: 0)
    private var content = Buffer(capacity: 0)
    /// The last pack's sealer: neighbours in a pack are read one after another.
    private var last: (pack: PackName, sealer: Sealer)?

    init(_ repository: Repository, shelf: BufferShelf) throws(StoreError) {
        self.repository = repository
        self.shelf = shelf
        do throws(CompressionError) { decompressor = try Decompressor() } catch { throw StoreError(error) }
    }

    /// The block's plain bytes. `prefix` holds the bases of a delta block.
    func decode(_ place: BlockPlace, prefix: Buffer?) throws(StoreError) -> Buffer {
        let pack = repository.pack(place.pack)
        let sealer = try sealer(of: pack)
        stored = Self.room(place.storedBytes, in: stored)
        try pack.read(
            at: place.offset, into: UnsafeMutableRawBufferPointer(rebasing: stored.memory[..<place.storedBytes]))
        stored.count = place.storedBytes
        return try decode(stored.bytes, of: place, sealer: sealer, prefix: prefix)
    }

    /// The same for a block whose stored bytes are at hand.
    func decode(
        _ stored: UnsafeRawBufferPointer, of place: BlockPlace, sealer: Sealer, prefix: Buffer?
    ) throws(StoreError) -> Buffer {
        let contentBytes = place.storedBytes - sealer.overhead
        let plain = Self.isLarge(place, shelf) ? shelf.take() : Buffer(capacity: place.plainBytes)
        plain.count = place.plainBytes
        let output = UnsafeMutableRawBufferPointer(rebasing: plain.memory[..<place.plainBytes])
        guard contentBytes >= 0 else { throw damaged(place, "it is shorter than its seal") }
        if place.codec == .stored {
            guard contentBytes == place.plainBytes else { throw damaged(place, "its lengths differ") }
            guard try sealer.open(stored, piece: place.number, into: output) else { throw unsealed(place) }
            return plain
        }
        content = Self.room(contentBytes, in: content)
        content.count = contentBytes
        let opened = UnsafeMutableRawBufferPointer(rebasing: content.memory[..<contentBytes])
        guard try sealer.open(stored, piece: place.number, into: opened) else { throw unsealed(place) }
        do throws(CompressionError) {
            try decompressor.decompress(UnsafeRawBufferPointer(opened), prefix: prefix?.bytes, into: output)
        } catch { throw damaged(place, "zstd cannot decode it: \(error)") }
        return plain
    }

    /// The content that the last compressed block was decoded from, unsealed.
    func takeContent() -> Buffer {
        defer { content = Buffer(capacity: 0) }
        return content
    }

    /// Whether a block fills a shelf's buffer well enough to take one.
    private static func isLarge(_ place: BlockPlace, _ shelf: BufferShelf) -> Bool {
        place.plainBytes <= shelf.bufferBytes && place.plainBytes > shelf.bufferBytes / 2
    }

    private func sealer(of pack: PackFile) throws(StoreError) -> Sealer {
        if let last, last.pack == pack.name { return last.sealer }
        let sealer = try pack.sealer()
        last = (pack.name, sealer)
        return sealer
    }

    private static func room(_ count: Int, in buffer: Buffer) -> Buffer {
        buffer.capacity >= count ? buffer : Buffer(capacity: count)
    }

    private func damaged(_ place: BlockPlace, _ reason: String) -> StoreError {
        .damaged("block \(place.number) of the pack", path: repository.pack(place.pack).path, reason)
    }

    private func unsealed(_ place: BlockPlace) -> StoreError {
        damaged(place, "it is not what was sealed with this repository's key")
    }
}
