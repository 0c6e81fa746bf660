import Bytes
import Crypto
import Glibc
import Posix
import Storage

/// A block whose content is made, on its way into a pack.
struct PackedBlock: Sendable {
    /// How many bytes the content's buffer has free for the tag that sealing adds.
    static let sealRoom = 16

    let kind: ChunkKind
    let codec: PackDirectory.Codec
    let plainBytes: Int
    let chunks: [ChunkReference]
    /// The content, with `sealRoom` behind it.
    let content: Buffer
}

/// A pack that is written and waits to be published.
struct FinishedPack: Sendable {
    let name: PackName
    let upload: any Upload
    let byteCount: UInt64
    let directory: PackDirectory
}

/// Writes one pack, block by block. One thread at a time.
final class PackBuilder {
    let folder: PackName.PackFolder
    private let upload: any Upload
    private let encodedHeader: [UInt8]
    private let sealer: Sealer
    private let hash = SHA256Stream()
    private var directory = PackDirectory()
    private(set) var chunkCount = 0
    private var byteCount: UInt64 = 0

    /// Begins a pack under a temporary name.
    init(_ folder: PackName.PackFolder, temporaryName: String, in place: Repository) throws(StoreError) {
        self.folder = folder
        let header = try Header(.pack, envelope: place.mode.envelope, kind: folder.rawValue)
        encodedHeader = header.encoded
        sealer = try Sealer(
            header, encodedHeader: encodedHeader, repository: place.id, inputKey: place.masterKey)
        upload = try storing { () throws(StorageError) in try place.storage.upload(temporaryName) }
        try write(encodedHeader)
    }

    /// Seals a block in its own memory, opens it again to prove it, and writes it. `scratch` holds at least the content.
    func append(_ block: PackedBlock, scratch: Buffer) throws(StoreError) {
        let content = block.content
        if sealer.overhead > 0 {
            let number = UInt32(directory.blocks.count)
            // The content is sealed in place: the scratch keeps what the sealed bytes must open to.
            scratch.count = 0
            scratch.append(content.bytes)
            content.count += sealer.overhead
            try sealer.seal(
                scratch.bytes, piece: number,
                into: UnsafeMutableRawBufferPointer(rebasing: content.memory[..<content.count]))
            try prove(content, opensTo: scratch, piece: number)
        }
        directory.blocks.append(
            PackDirectory.Block(
                storedBytes: UInt32(content.count), plainBytes: UInt32(block.plainBytes), codec: block.codec,
                kind: block.kind, chunks: block.chunks))
        chunkCount += block.chunks.count
        try write(content.bytes)
    }

    private func prove(_ sealed: Buffer, opensTo plain: Buffer, piece: UInt32) throws(StoreError) {
        // What was opened lies behind the plain bytes in the same scratch.
        let opened = UnsafeMutableRawBufferPointer(rebasing: plain.free[..<plain.count])
        guard try sealer.open(sealed.bytes, piece: piece, into: opened),
            UnsafeRawBufferPointer(opened).isEqual(to: plain.bytes)
        else {
            throw StoreError.unprovable("a block that was just sealed does not open to the same bytes")
        }
    }

    /// Bytes of filler, and of the whole pack, if it were closed now.
    var closing: (filler: Int, total: Int) {
        let directoryBytes = 24 + 20 * directory.blocks.count + 36 * chunkCount
        let sealedBytes = (sealer.pads ? padme(directoryBytes) : directoryBytes) + sealer.overhead
        let length = Int(byteCount) + sealedBytes + PackTrailer.byteCount
        let total = sealer.pads ? padme(length) : length
        return (total - length, total)
    }

    /// Writes filler, directory and trailer. The result is ready to be published.
    func finish() throws(StoreError) -> FinishedPack {
        precondition(!directory.blocks.isEmpty, "a pack without blocks")
        let (filler, total) = closing
        if filler > 0 { try write(encrypting { () throws(CryptoError) in try RandomBytes.bytes(filler) }) }
        let offset = byteCount
        let stored = try sealer.seal(directory.encoded(padded: sealer.pads), piece: PackDirectory.piece)
        let trailer = PackTrailer(directoryOffset: offset, directoryBytes: UInt32(stored.count))
        try write(stored + trailer.encoded(header: encodedHeader, directory: stored))
        assert(Int(byteCount) == total)
        return FinishedPack(
            name: PackName(folder: folder, id: hash.finish()), upload: upload, byteCount: byteCount,
            directory: directory)
    }

    /// Throws the pack away.
    func discard() { upload.discard() }

    private func write(_ bytes: [UInt8]) throws(StoreError) {
        try bytes.withUnsafeBytesThrowing { raw throws(StoreError) in try write(raw) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        hash.update(bytes)
        try storing { () throws(StorageError) in try upload.append(bytes) }
        byteCount += UInt64(bytes.count)
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
