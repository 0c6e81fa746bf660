import Bytes
import Crypto
import Glibc
import Posix
import Storage

/// A block whose content is made, on its way into a pack.
struct PackedBlock: Sendable {
    let kind: ChunkKind
    let codec: PackDirectory.Codec
    let plainBytes: Int
    let chunks: [ChunkReference]
    /// What a delta block is decoded with.
    var bases: [ChunkID] = []
    let content: Buffer
}

/// The first half of making a pack: seals blocks, proves each by opening it again, and keeps the directory. What it returns is
/// written by the pack's `PackWriter`, in the same order, on another thread. One thread at a time.
final class PackSealer {
    let folder: PackName.PackFolder
    let writer: PackWriter
    private let encodedHeader: [UInt8]
    private let sealer: Sealer
    private var directory = PackDirectory()
    private(set) var chunkCount = 0
    private(set) var baseCount = 0
    private var byteCount = Header.byteCount

    /// Begins a pack under a temporary name.
    init(_ folder: PackName.PackFolder, temporaryName: String, in place: Repository) throws(StoreError) {
        self.folder = folder
        let header = try Header(.pack, envelope: place.mode.envelope, kind: folder.rawValue)
        encodedHeader = header.encoded
        sealer = try Sealer(header, encodedHeader: encodedHeader, repository: place.id, inputKey: place.masterKey)
        writer = PackWriter(
            folder, header: encodedHeader,
            upload: try storing { () throws(StorageError) in try place.storage.upload(temporaryName) })
    }

    /// The bytes of a block as they are stored. `proof` holds at least the content. The content's buffer goes back to the shelf,
    /// unless it is itself what is stored.
    func seal(_ block: PackedBlock, shelf: BufferShelf, proof: Buffer) throws(StoreError) -> Buffer {
        let stored = sealer.overhead == 0 ? block.content : try sealAndProve(block.content, shelf: shelf, proof: proof)
        directory.blocks.append(
            PackDirectory.Block(
                storedBytes: UInt32(stored.count), plainBytes: UInt32(block.plainBytes), codec: block.codec,
                kind: block.kind, chunks: block.chunks, bases: block.bases))
        chunkCount += block.chunks.count
        baseCount += block.bases.count
        byteCount += stored.count
        return stored
    }

    private func sealAndProve(_ content: Buffer, shelf: BufferShelf, proof: Buffer) throws(StoreError) -> Buffer {
        let piece = UInt32(directory.blocks.count)
        let sealed = shelf.take(content.count + sealer.overhead)
        sealed.count = content.count + sealer.overhead
        try sealer.seal(
            content.bytes, piece: piece, into: UnsafeMutableRawBufferPointer(rebasing: sealed.memory[..<sealed.count]))
        let opened = UnsafeMutableRawBufferPointer(rebasing: proof.memory[..<content.count])
        guard try sealer.open(sealed.bytes, piece: piece, into: opened),
            UnsafeRawBufferPointer(opened).isEqual(to: content.bytes)
        else { throw StoreError.unprovable("a block that was just sealed does not open to the same bytes") }
        shelf.give(back: content)
        return sealed
    }

    /// What blocks take on average; at least one byte.
    var meanBlockBytes: Int { max(1, byteCount / max(1, directory.blocks.count)) }

    /// Bytes of filler, and of the whole pack, if it were closed now.
    var closing: (filler: Int, total: Int) { closing(blocks: 0, contentBytes: 0, chunks: 0) }

    /// The same if more blocks were in it.
    func closing(blocks: Int, contentBytes: Int, chunks: Int) -> (filler: Int, total: Int) {
        let directoryBytes = 24 + 20 * (directory.blocks.count + blocks) + 36 * (chunkCount + chunks) + 32 * baseCount
        let sealedBytes = (sealer.pads ? padme(directoryBytes) : directoryBytes) + sealer.overhead
        let length =
            byteCount + contentBytes + blocks * sealer.overhead + sealedBytes + PackTrailer.byteCount
        let total = sealer.pads ? padme(length) : length
        return (total - length, total)
    }

    /// What follows the last block: filler, directory and trailer; and the directory itself.
    func finish() throws(StoreError) -> (end: [UInt8], directory: PackDirectory) {
        precondition(!directory.blocks.isEmpty, "a pack without blocks")
        let (filler, total) = closing
        let random = try encrypting { () throws(CryptoError) in try RandomBytes.bytes(filler) }
        let stored = try sealer.seal(directory.encoded(padded: sealer.pads), piece: PackDirectory.piece)
        let trailer = PackTrailer(directoryOffset: UInt64(byteCount + filler), directoryBytes: UInt32(stored.count))
        let end = random + stored + trailer.encoded(header: encodedHeader, directory: stored)
        assert(byteCount + end.count == total)
        return (end, directory)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes are the same.
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        count == other.count && (count == 0 || memcmp(baseAddress!, other.baseAddress!, count) == 0)
    }
}

extension StoreError {
    /// What was just made does not prove itself: the machine, not the repository, is at fault.
    static func unprovable(_ what: String) -> StoreError {
        StoreError(
            .system, what,
            remedy: "this machine's memory or processor makes mistakes: test it; nothing was stored from this block")
    }
}
