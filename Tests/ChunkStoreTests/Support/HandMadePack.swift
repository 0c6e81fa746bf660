import Compression
import Crypto
import Storage

@testable import ChunkStore

/// A pack made step by step as FORMAT.md says, not by the code that writes packs: also with what that does not write yet, or never.
struct HandMadePack {
    struct Block {
        var codec = PackDirectory.Codec.zstd
        var kind = ChunkKind.data
        var chunks: [[UInt8]]
        /// What the bases consist of; their ids are named, their bytes joined are the prefix.
        var bases: [[UInt8]] = []
        /// What is written instead of the content that fits.
        var forcedContent: [UInt8]?

        private var plain: [UInt8] { chunks.reduce(into: []) { $0 += $1 } }

        func content() throws -> [UInt8] {
            if let forcedContent { return forcedContent }
            if codec == .stored { return plain }
            let prefix = bases.reduce(into: []) { $0 += $1 }
            var frame = [UInt8](repeating: 0, count: Compressor.bound(plain.count))
            let compressor = try Compressor()
            let count = try frame.withUnsafeMutableBytes { output in
                try plain.withUnsafeBytes { input in
                    try prefix.withUnsafeBytes { prefix in
                        try compressor.compress(
                            input, prefix: codec == .zstd ? nil : prefix, .init(level: 3), windowLog: nil, into: output)
                    }
                }
            }
            return Array(frame.prefix(count ?? 0))
        }

        func entry(storedBytes: Int) -> PackDirectory.Block {
            PackDirectory.Block(
                storedBytes: UInt32(storedBytes), plainBytes: UInt32(plain.count), codec: codec, kind: kind,
                chunks: chunks.map { ChunkReference(id: ChunkID(of: $0), length: UInt32($0.count)) },
                bases: bases.map { ChunkID(of: $0) })
        }
    }

    var folder = PackName.PackFolder.data
    var blocks: [Block]

    func bytes(for repository: Repository) throws -> [UInt8] {
        let header = try Header(.pack, envelope: repository.mode.envelope, kind: folder.rawValue)
        let sealer = try Sealer(
            header, encodedHeader: header.encoded, repository: repository.id, inputKey: repository.masterKey)
        var file = header.encoded
        var directory = PackDirectory()
        for (number, block) in blocks.enumerated() {
            let stored = try sealer.seal(block.content(), piece: UInt32(number))
            directory.blocks.append(block.entry(storedBytes: stored.count))
            file += stored
        }
        let stored = try sealer.seal(directory.encoded(padded: sealer.pads), piece: PackDirectory.piece)
        let trailer = PackTrailer(directoryOffset: UInt64(file.count), directoryBytes: UInt32(stored.count))
        return file + stored + trailer.encoded(header: header.encoded, directory: stored)
    }

    /// Writes it into a store's repository.
    @discardableResult
    func write(to store: Store) throws -> PackName {
        let bytes = try bytes(for: store.repository)
        let name = PackName(folder: folder, id: SHA256.digest(bytes))
        try store.repository.storage.write(bytes, as: name.path, temporaryName: "tmp/hand-made")
        return name
    }
}
