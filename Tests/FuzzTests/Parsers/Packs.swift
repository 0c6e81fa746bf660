import Bytes
import Chunking
import Compression
import Crypto
import Storage

@testable import ChunkStore

// Packs: directory, trailer, and whole files down to their chunks.

func parsePackDirectory(_ bytes: [UInt8]) {
    guard let directory = try? PackDirectory(bytes) else { return }
    for block in directory.blocks {
        precondition(block.chunks.reduce(0) { $0 + Int($1.length) } == Int(block.plainBytes))
        precondition(Int(block.plainBytes) <= Limits.blockPlainBytes && block.bases.count <= Limits.blockBases)
        precondition((block.codec == .zstdWithPrefix) == !block.bases.isEmpty)
    }
    precondition((try? PackDirectory(directory.encoded(padded: true))) == directory, "a directory has two readings")
}

func parsePackTrailer(_ bytes: [UInt8]) {
    for length in [UInt64(bytes.count), 48, 200, 1 << 30, .max] {
        guard let trailer = try? PackTrailer(bytes, packBytes: length) else { continue }
        precondition(trailer.directoryOffset + UInt64(trailer.directoryBytes) + 40 == length)
        _ = trailer.fits(bytes, header: [], directory: [])
    }
}

func parsePack(_ bytes: [UInt8]) {
    for folder in PackName.PackFolder.allCases {
        for file in [bytes, closed(bytes)] { readPack(file, in: folder) }
    }
}

/// The same pack with a trailer that fits its header and the directory that it points to.
private func closed(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= Header.byteCount + PackTrailer.byteCount else { return bytes }
    let end = bytes.count - PackTrailer.byteCount
    guard let trailer = try? PackTrailer(Array(bytes[end...]), packBytes: UInt64(bytes.count)) else { return bytes }
    let directory = Array(bytes[Int(trailer.directoryOffset)..<end])
    return bytes[..<end] + trailer.encoded(header: Array(bytes[..<Header.byteCount]), directory: directory)
}

private func readPack(_ file: [UInt8], in folder: PackName.PackFolder) {
    let storage = MemoryStorage()
    let name = PackName(folder: folder, id: SHA256.digest([UInt8(1)]))
    let clear = ConfigClear(id: Fixed.repository, made: 1, mode: .none)
    let content = ConfigContent(mode: .none, chunkerSecret: Fixed.key, profile: .standard)
    guard (try? storage.write(file, as: name.path, temporaryName: "tmp/x")) != nil,
        let repository = try? Repository(
            storage: storage, clear: clear, content: content, masterKey: nil, config: []),
        let directory = try? repository.pack(name).directory(packBytes: UInt64(file.count)),
        let decoder = try? BlockDecoder(repository, shelf: BufferShelf(bufferBytes: 4_096, kept: 1))
    else { return }
    var offset = UInt64(Header.byteCount)
    for (number, block) in directory.blocks.enumerated().prefix(16) {
        let place = BlockPlace(
            pack: name, number: UInt32(number), offset: offset, storedBytes: Int(block.storedBytes),
            plainBytes: Int(block.plainBytes), codec: block.codec, bases: block.bases)
        offset += UInt64(block.storedBytes)
        let prefix = Buffer(copying: UnsafeRawBufferPointer(start: nil, count: 0))
        if let plain = try? decoder.decode(place, prefix: block.bases.isEmpty ? nil : prefix) {
            precondition(plain.count == place.plainBytes, "a block has another length than its directory says")
        }
    }
}

func parseFrame(_ bytes: [UInt8]) {
    // The first three bytes choose the lengths of content and prefix.
    guard bytes.count >= 3, let decompressor = try? Decompressor() else { return }
    let prefix = [UInt8](repeating: 0x61, count: Int(bytes[2]) * 16)
    var plain = [UInt8](repeating: 0, count: Int(bytes[0]) + Int(bytes[1]) << 8)
    plain.withUnsafeMutableBytes { output in
        bytes.withUnsafeBytes { input in
            prefix.withUnsafeBytes { prefix in
                let frame = UnsafeRawBufferPointer(rebasing: input[3...])
                try? decompressor.decompress(frame, prefix: prefix.isEmpty ? nil : prefix, into: output)
            }
        }
    }
}
