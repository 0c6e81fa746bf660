import Bytes
import Crypto

@testable import ChunkStore

/// Something that reads bytes which may have been written by an enemy. The number is the first byte of libFuzzer's inputs.
enum Parser: UInt8, CaseIterable {
    case header, record, configClear, configContent, keyClear, keyContent, rootContent, packDirectory, packTrailer,
        pack,
        leaseClaim, packName, keyFileText, frame, hex, condemnedRecord

    /// Parses; traps where the parser broke a promise.
    func parse(_ bytes: [UInt8]) {
        switch self {
        case .header: parseHeader(bytes)
        case .record: parseRecord(bytes)
        case .configClear: parseConfigClear(bytes)
        case .configContent: parseConfigContent(bytes)
        case .keyClear: parseKeyClear(bytes)
        case .keyContent: parseKeyContent(bytes)
        case .rootContent: parseRootContent(bytes)
        case .packDirectory: parsePackDirectory(bytes)
        case .packTrailer: parsePackTrailer(bytes)
        case .pack: parsePack(bytes)
        case .leaseClaim: parseLeaseClaim(bytes)
        case .packName: parsePackName(bytes)
        case .keyFileText: parseKeyFileText(bytes)
        case .frame: parseFrame(bytes)
        case .hex: parseHex(bytes)
        case .condemnedRecord: parseCondemnedRecord(bytes)
        }
    }
}

/// What all made-up files belong to.
enum Fixed {
    static let repository = RepositoryID(bytes: [UInt8](repeating: 3, count: 16))
    static let key = Secret(copying: [UInt8](repeating: 5, count: 32))
    static let path = "place/file"
}

extension Secret {
    convenience init(copying bytes: [UInt8]) {
        self.init(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    }
}
