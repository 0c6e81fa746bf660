import Bytes
import Chunking
import Crypto

@testable import ChunkStore

// Config, keys and roots: the files that carry everything twice, and what is in them.

func parseHeader(_ bytes: [UInt8]) {
    for family in Header.Family.allCases {
        var reader = ByteReader(bytes)
        guard let header = try? Header.read(family, from: &reader, path: Fixed.path) else { continue }
        precondition(header.encoded == Array(bytes[..<Header.byteCount]), "a header has two readings")
    }
}

func parseRecord(_ bytes: [UInt8]) {
    for family in Header.Family.allCases {
        for file in [bytes, proved(bytes)] {
            guard let finding = try? Record.decode(family, file, path: Fixed.path) else { continue }
            let record = finding.record
            precondition(record.clear.count <= Limits.recordClearBytes && record.body.count <= file.count)
            let once = record.encodedOnce
            precondition(
                file.starts(with: once) || file[(file.count / 2)...].starts(with: once), "a record was invented")
            guard let content = try? record.content(repository: Fixed.repository, inputKey: Fixed.key) else { continue }
            precondition(content.count <= record.body.count)
            parseConfigClear(record.clear)
            parseConfigContent(content)
            parseRootContent(content)
            parseKeyContent(content)
        }
    }
}

/// The same record with a checksum that fits, so that what lies behind the checksum is reached.
private func proved(_ bytes: [UInt8]) -> [UInt8] {
    var reader = ByteReader(bytes)
    guard (try? reader.skip(Header.byteCount)) != nil, let clear = try? reader.uint32(), let body = try? reader.uint32()
    else { return bytes }
    let end = Header.byteCount + 8 + Int(clear) + Int(body)
    guard end + 32 <= bytes.count else { return bytes }
    var proved = bytes
    proved.replaceSubrange(end..<end + 32, with: SHA256.digest(Array(bytes[..<end])).bytes)
    return proved
}

func parseConfigClear(_ bytes: [UInt8]) {
    guard let clear = try? ConfigClear(bytes, path: Fixed.path) else { return }
    precondition(bytes.starts(with: clear.encoded), "a config's clear part has two readings")
}

func parseConfigContent(_ bytes: [UInt8]) {
    for mode in [EncryptionMode.none, .aes256GCM] {
        guard let content = try? ConfigContent(bytes, expected: mode, path: Fixed.path),
            let again = try? ConfigContent(content.encoded, expected: mode, path: Fixed.path)
        else { continue }
        precondition(again.profile == content.profile && again.chunkerSecret == content.chunkerSecret)
        precondition(content.profile.longestChunkBytes <= Limits.chunkBytes)
    }
}

func parseKeyClear(_ bytes: [UInt8]) {
    for kind in [KeySlot.Kind.password, .keyFile] {
        guard let clear = try? KeySlot.Clear(bytes, kind: kind) else { continue }
        precondition((clear.scrypt == nil) == (kind == .keyFile) && clear.scrypt?.isAcceptable != false)
        precondition((try? KeySlot.Clear(clear.encoded, kind: kind)) == clear)
    }
}

func parseKeyContent(_ bytes: [UInt8]) {
    guard let content = try? KeySlot.Content(bytes) else { return }
    precondition(content.masterKey.byteCount == 32 && content.config.count <= bytes.count)
    // The config inside is read when the other one is gone.
    if let record = try? Record(.config, copy: content.config, path: Fixed.path) { parseConfigClear(record.clear) }
}

func parseRootContent(_ bytes: [UInt8]) {
    guard let root = try? RootContent(bytes) else { return }
    precondition(bytes.starts(with: root.encoded), "a root has two readings")
}
