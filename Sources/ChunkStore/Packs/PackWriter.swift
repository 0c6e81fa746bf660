import Crypto
import Posix
import Storage

/// A pack that is written and waits to be published.
struct FinishedPack: Sendable {
    let name: PackName
    let upload: any Upload
    let byteCount: UInt64
    let directory: PackDirectory
}

/// The second half of making a pack: writes what was sealed, in order, and computes the pack's name on the way. One thread at a time.
final class PackWriter: @unchecked Sendable {
    // Unchecked, for it is made on one stage's thread and from then on used by the next stage's alone.
    private let folder: PackName.PackFolder
    private let upload: any Upload
    private let header: [UInt8]
    private let hash = SHA256Stream()
    private var byteCount: UInt64 = 0

    init(_ folder: PackName.PackFolder, header: [UInt8], upload: any Upload) {
        self.folder = folder
        self.header = header
        self.upload = upload
    }

    /// Writes a sealed block.
    func write(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        if byteCount == 0 { try header.withUnsafeBytesThrowing { raw throws(StoreError) in try append(raw) } }
        try append(bytes)
    }

    /// Writes what follows the last block.
    func finish(_ end: [UInt8], directory: PackDirectory) throws(StoreError) -> FinishedPack {
        try end.withUnsafeBytesThrowing { raw throws(StoreError) in try write(raw) }
        return FinishedPack(
            name: PackName(folder: folder, id: hash.finish()), upload: upload, byteCount: byteCount,
            directory: directory)
    }

    /// Throws the pack away.
    func discard() { upload.discard() }

    private func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        hash.update(bytes)
        try storing { () throws(StorageError) in try upload.append(bytes) }
        byteCount += UInt64(bytes.count)
    }
}
