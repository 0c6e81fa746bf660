import Bytes
import Crypto

/// One file in `keys/`: the master key, sealed under what one password or key file becomes.
struct KeySlot: Sendable {
    /// How a slot is opened.
    enum Kind: UInt8, Sendable {
        case password = 1
        case keyFile = 2
    }

    /// What can be read without opening it.
    struct Clear: Hashable, Sendable {
        let repository: RepositoryID
        let id: [UInt8]
        let made: Int64
        let scrypt: ScryptCost?

        var encoded: [UInt8] {
            var writer = ByteWriter()
            writer.append(bytes: repository.bytes)
            writer.append(bytes: id)
            writer.append(made)
            writer.append(scrypt?.log2N ?? 0)
            writer.append(zeros: 3)
            writer.append(scrypt?.r ?? 0)
            writer.append(scrypt?.p ?? 0)
            return writer.bytes
        }

        init(repository: RepositoryID, id: [UInt8], made: Int64, scrypt: ScryptCost?) {
            self.repository = repository
            self.id = id
            self.made = made
            self.scrypt = scrypt
        }

        init(_ bytes: [UInt8], kind: Kind) throws(MalformedBytes) {
            var reader = ByteReader(bytes)
            repository = RepositoryID(bytes: try reader.bytes(16))
            id = try reader.bytes(16)
            made = try reader.int64()
            let log2N = try reader.uint8()
            try reader.skip(3)
            let cost = ScryptCost(log2N: log2N, r: try reader.uint32(), p: try reader.uint32())
            try reader.expect(kind == .keyFile || cost.isAcceptable, "impossible scrypt parameters")
            scrypt = kind == .password ? cost : nil
        }
    }

    /// What scrypt is made to cost.
    struct ScryptCost: Hashable, Sendable {
        let log2N: UInt8
        let r: UInt32
        let p: UInt32

        /// About a quarter of a second and 32 MiB.
        static let standard = ScryptCost(log2N: 15, r: 8, p: 3)

        var isAcceptable: Bool {
            (10...22).contains(log2N) && (1...32).contains(r) && (1...64).contains(p)
                && (UInt64(128) * UInt64(r)) << UInt64(log2N) <= 1 << 30
        }
    }

    /// What it holds, once opened.
    struct Content: Sendable {
        let masterKey: Secret
        let label: String
        /// One copy of `config`, as it was when the slot was made.
        let config: [UInt8]

        var encoded: [UInt8] {
            var writer = ByteWriter()
            writer.append(bytes: masterKey.withUnsafeBytes { Array($0) })
            let name = Array(label.utf8.prefix(Limits.keyLabelBytes))
            writer.append(UInt16(name.count))
            writer.append(bytes: name)
            writer.append(UInt32(config.count))
            writer.append(bytes: config)
            return writer.bytes
        }

        init(masterKey: Secret, label: String, config: [UInt8]) {
            self.masterKey = masterKey
            self.label = label
            self.config = config
        }

        init(_ bytes: [UInt8]) throws(MalformedBytes) {
            var reader = ByteReader(bytes)
            masterKey = try reader.withBytes(32) { Secret(copying: $0) }
            let labelBytes = Int(try reader.uint16())
            try reader.expect(labelBytes <= Limits.keyLabelBytes, "a label of \(labelBytes) bytes")
            label = String(decoding: try reader.bytes(labelBytes), as: UTF8.self)
            config = try reader.bytes(Int(try reader.uint32()))
        }
    }
}
