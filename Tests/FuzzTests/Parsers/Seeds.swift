import Chunking
import Compression
import Crypto

@testable import ChunkStore

extension Parser {
    /// Valid inputs, in variety: fuzzing starts from them. They come from the encoders, so they follow the format.
    var seeds: [[UInt8]] {
        switch self {
        case .header: Seeds.headers
        case .record: Seeds.records
        case .configClear: [Seeds.clear.encoded, Seeds.features]
        case .configContent: EncryptionModes.map { Seeds.content($0).encoded }
        case .keyClear: [Seeds.keyClear(.standard).encoded, Seeds.keyClear(nil).encoded]
        case .keyContent: [Seeds.keyContent.encoded]
        case .rootContent: [0, 1, 5].map { Seeds.root(references: $0).encoded }
        case .packDirectory: Seeds.directories.flatMap { [$0.encoded(padded: false), $0.encoded(padded: true)] }
        case .packTrailer:
            [48, 120].map { PackTrailer(directoryOffset: $0, directoryBytes: 112).encoded(header: [], directory: []) }
        case .pack: Seeds.packs
        case .leaseClaim: [Seeds.claim]
        case .packName:
            Seeds.names.flatMap { [Array($0.path.utf8), Array(LeaseClaim.line(for: $0).dropFirst(5).dropLast())] }
        case .keyFileText: [Array("cairn-key-1 \(String(repeating: "0f", count: 32))\n".utf8)]
        case .frame: Seeds.frames
        case .hex: ["", "00", "0123456789abcdef", String(repeating: "5d41", count: 16)].map { Array($0.utf8) }
        case .condemnedRecord: Seeds.condemned
        }
    }
}

private let EncryptionModes: [EncryptionMode] = [.none, .aes256GCM]

private enum Seeds {
    static let text = Array("stone upon stone upon stone, a heap marks the way above the clouds\n".utf8)

    static func id(_ number: UInt8) -> ChunkID { ChunkID(SHA256.digest([number])) }

    static var headers: [[UInt8]] {
        Header.Family.allCases.flatMap { family in
            [Header.Envelope.plain, .symmetric].compactMap { envelope in
                (try? Header(family, envelope: envelope, kind: 1))?.encoded
            }
        }
    }

    static let clear = ConfigClear(id: Fixed.repository, made: 1_790_000_000, mode: .aes256GCM)

    static var features: [UInt8] {
        var clear = clear
        clear.features = ["public-key", "x"]
        return clear.encoded
    }

    static func content(_ mode: EncryptionMode) -> ConfigContent {
        ConfigContent(mode: mode, chunkerSecret: Fixed.key, profile: .standard)
    }

    static func keyClear(_ cost: KeySlot.ScryptCost?) -> KeySlot.Clear {
        KeySlot.Clear(repository: Fixed.repository, id: [UInt8](repeating: 9, count: 16), made: 1, scrypt: cost)
    }

    static var keyContent: KeySlot.Content {
        let config = record(.config, .symmetric, clear: clear.encoded, content: content(.aes256GCM).encoded)
        return KeySlot.Content(masterKey: Fixed.key, label: "amber", config: config?.encodedOnce ?? [])
    }

    static func root(references: UInt8) -> RootContent {
        RootContent(
            name: Array("today".utf8), written: 1_790_000_000_000_000_000,
            references: (0..<references).map { RootReference(kind: $0 % 2 == 0 ? .data : .tree, id: id($0)) },
            payload: Array(text.prefix(Int(references))))
    }

    static func record(
        _ family: Header.Family, _ envelope: Header.Envelope, clear: [UInt8], content: [UInt8]
    ) -> Record? {
        try? Record(
            Header(family, envelope: envelope, kind: 0), clear: clear, content: content, repository: Fixed.repository,
            inputKey: Fixed.key)
    }

    static var records: [[UInt8]] {
        [Header.Envelope.plain, .symmetric].flatMap { envelope in
            [
                record(.config, envelope, clear: clear.encoded, content: content(.aes256GCM).encoded),
                record(.key, envelope, clear: keyClear(.standard).encoded, content: keyContent.encoded),
                record(.manifest, envelope, clear: [], content: root(references: 3).encoded),
            ].compactMap { $0 }.flatMap { [$0.encodedOnce, $0.encoded] }
        }
    }

    static func block(
        _ codec: PackDirectory.Codec, _ numbers: ClosedRange<UInt8>, bases: [ChunkID] = []
    ) -> PackDirectory.Block {
        let chunks = numbers.map { ChunkReference(id: id($0), length: UInt32(text.count)) }
        return PackDirectory.Block(
            storedBytes: UInt32(text.count * chunks.count), plainBytes: UInt32(text.count * chunks.count), codec: codec,
            kind: codec == .zstd ? .tree : .data, chunks: chunks, bases: bases)
    }

    static var directories: [PackDirectory] {
        [
            PackDirectory(blocks: [block(.stored, 1...1)]),
            PackDirectory(blocks: [
                block(.stored, 1...3), block(.zstd, 4...5), block(.zstdWithPrefix, 6...6, bases: [id(1), id(2)]),
            ]),
        ]
    }

    /// Packs that are not encrypted: one with a block as it is, one with a compressed block.
    static var packs: [[UInt8]] {
        [PackDirectory.Codec.stored, .zstd].compactMap { codec in
            guard let header = try? Header(.pack, envelope: .plain, kind: codec == .stored ? 1 : 2).encoded,
                let frame = frame(of: text)
            else { return nil }
            let stored = codec == .stored ? text : frame
            let directory = PackDirectory(blocks: [
                PackDirectory.Block(
                    storedBytes: UInt32(stored.count), plainBytes: UInt32(text.count), codec: codec, kind: .data,
                    chunks: [ChunkReference(id: ChunkID(SHA256.digest(text)), length: UInt32(text.count))])
            ]).encoded(padded: false)
            let trailer = PackTrailer(
                directoryOffset: UInt64(header.count + stored.count), directoryBytes: UInt32(directory.count))
            return header + stored + directory + trailer.encoded(header: header, directory: directory)
        }
    }

    static func frame(of plain: [UInt8], prefix: [UInt8] = []) -> [UInt8]? {
        var frame = [UInt8](repeating: 0, count: Compressor.bound(plain.count))
        let count = frame.withUnsafeMutableBytes { output in
            plain.withUnsafeBytes { input in
                prefix.withUnsafeBytes { prefix in
                    try? Compressor().compress(
                        input, prefix: prefix.isEmpty ? nil : prefix, .init(level: 3), windowLog: nil, into: output)
                }
            }
        }
        return count.flatMap { $0 }.map { Array(frame.prefix($0)) }
    }

    static var frames: [[UInt8]] {
        let plains = [[], text, text + text + text, [UInt8](repeating: 0, count: 3_000)]
        let whole = plains.compactMap { plain in
            frame(of: plain).map { [UInt8(plain.count & 255), UInt8(plain.count >> 8), 0] + $0 }
        }
        let prefix = [UInt8](repeating: 0x61, count: 64)
        let delta = frame(of: prefix + text, prefix: prefix).map { [UInt8(64 + text.count), 0, 4] + $0 }
        return whole + [delta].compactMap { $0 }
    }

    static let names = [
        PackName(folder: .data, id: SHA256.digest([UInt8(1)])), PackName(folder: .trees, id: SHA256.digest([UInt8(2)])),
    ]

    static var condemned: [[UInt8]] {
        let record = CondemnedRecord(since: 1_790_000_000, roots: [id(1).description, id(2).description], packs: names)
        return [record.encoded, CondemnedRecord.encode(leases: [String(repeating: "0f", count: 16)])]
    }

    static var claim: [UInt8] {
        let claim = LeaseClaim(pid: 4_711, boot: "3f0c", host: "amber hill", command: "a%b\n", since: 1_790_000_000)
        return claim.opening + names.flatMap { LeaseClaim.line(for: $0) }
    }
}
