import Bytes
import Chunking
import Crypto

/// How the content of a repository is sealed.
public enum EncryptionMode: UInt8, Sendable, Hashable {
    /// Not at all.
    case none = 0
    /// With AES-256-GCM under a master key.
    case aes256GCM = 1

    static let names: Set<String> = [EncryptionMode.none.name, aes256GCM.name]

    /// The name on the command line.
    public var name: String {
        switch self {
        case .none: "none"
        case .aes256GCM: "aes-256-gcm"
        }
    }

    var envelope: Header.Envelope { self == .none ? .plain : .symmetric }
}

/// The part of `config` that can be read without a key.
struct ConfigClear: Hashable, Sendable {
    let id: RepositoryID
    let made: Int64
    let mode: EncryptionMode
    var features: [String] = []

    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.append(bytes: id.bytes)
        writer.append(made)
        writer.append(mode.rawValue)
        writer.append(UInt8(features.count))
        for feature in features {
            writer.append(UInt8(feature.utf8.count))
            writer.append(bytes: feature.utf8)
        }
        return writer.bytes
    }

    init(id: RepositoryID, made: Int64, mode: EncryptionMode) {
        self.id = id
        self.made = made
        self.mode = mode
    }

    init(_ bytes: [UInt8], path: String) throws(StoreError) {
        var reader = ByteReader(bytes)
        let modeByte: UInt8
        do throws(MalformedBytes) {
            id = RepositoryID(bytes: try reader.bytes(16))
            made = try reader.int64()
            modeByte = try reader.uint8()
            let count = Int(try reader.uint8())
            try reader.expect(count <= Limits.features, "\(count) features")
            for _ in 0..<count {
                let length = Int(try reader.uint8())
                try reader.expect((1...64).contains(length), "a feature's name of \(length) bytes")
                features.append(String(decoding: try reader.bytes(length), as: UTF8.self))
            }
        } catch { throw .damaged("the config", path: path, error) }
        // This program knows no feature, so every one of them is too new for it.
        if let feature = features.first { throw .unsupported("the feature \"\(feature)\"", path: path) }
        guard let mode = EncryptionMode(rawValue: modeByte) else {
            throw .unsupported("encryption mode \(modeByte)", path: path)
        }
        self.mode = mode
    }
}

/// The part of `config` that is sealed.
struct ConfigContent: Sendable {
    static let chunkerSecretBytes = 32

    let mode: EncryptionMode
    let chunkerSecret: Secret
    let profile: Profile

    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.append(mode.rawValue)
        writer.append(bytes: chunkerSecret.withUnsafeBytes { Array($0) })
        writer.append(UInt8(profile.tiers.count))
        for tier in profile.tiers {
            writer.append(tier.fromOffset)
            writer.append(tier.minBytes)
            writer.append(tier.normalBytes)
            writer.append(tier.maxBytes)
            writer.append(tier.hardBits)
            writer.append(tier.easyBits)
            writer.append(UInt16(0))
        }
        return writer.bytes
    }

    init(mode: EncryptionMode, chunkerSecret: Secret, profile: Profile) {
        self.mode = mode
        self.chunkerSecret = chunkerSecret
        self.profile = profile
    }

    init(_ bytes: [UInt8], expected: EncryptionMode, path: String) throws(StoreError) {
        var reader = ByteReader(bytes)
        var tiers: [Profile.Tier] = []
        do throws(MalformedBytes) {
            let byte = try reader.uint8()
            try reader.expect(
                byte == expected.rawValue, "its sealed part says another encryption mode than its plain part")
            mode = expected
            chunkerSecret = try reader.withBytes(Self.chunkerSecretBytes) { Secret(copying: $0) }
            let count = Int(try reader.uint8())
            try reader.expect((1...16).contains(count), "\(count) chunker tiers")
            for _ in 0..<count {
                let tier = Profile.Tier(
                    fromOffset: try reader.uint64(), minBytes: try reader.uint32(), normalBytes: try reader.uint32(),
                    maxBytes: try reader.uint32(), hardBits: try reader.uint8(), easyBits: try reader.uint8())
                try reader.skip(2)
                tiers.append(tier)
            }
        } catch { throw .damaged("the config", path: path, error) }
        do { profile = try Profile(tiers: tiers) } catch {
            throw .damaged("the config", path: path, "its chunker profile is impossible: \(error)")
        }
    }

    /// The table behind the rolling hash.
    func gearTable() throws(StoreError) -> GearTable {
        let stream = try encrypting { () throws(CryptoError) in
            try HKDF.sha256(inputKey: chunkerSecret, salt: [], info: Array("cairn/1/gear".utf8), byteCount: 2_048)
        }
        return GearTable(
            values: stream.withUnsafeBytes { bytes in
                (0..<256).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)) }
            })
    }
}
