import Bytes
import Crypto

//  0        8        10      11    12          16       48
//  │ magic  │ version │ envelope │ kind │ extension length │ salt   │ extension …

/// The first 48 bytes of every file in a repository.
struct Header: Hashable, Sendable {
    static let byteCount = 48
    static let version: UInt16 = 1

    /// What a file is.
    enum Family: String, Sendable, CaseIterable {
        case config = "CAIRNCFG"
        case key = "CAIRNKEY"
        case manifest = "CAIRNMAN"
        case pack = "CAIRNPAK"

        /// The text that separates this family's keys from the others'.
        var domain: String {
            switch self {
            case .config: "cairn/1/config"
            case .key: "cairn/1/key"
            case .manifest: "cairn/1/manifest"
            case .pack: "cairn/1/pack"
            }
        }

        /// What people call it.
        var noun: String {
            switch self {
            case .config: "the config"
            case .key: "the key"
            case .manifest: "the manifest"
            case .pack: "the pack"
            }
        }
    }

    /// How content is sealed.
    enum Envelope: UInt8, Sendable {
        case plain = 0
        case symmetric = 1
    }

    let family: Family
    let envelope: Envelope
    let kind: UInt8
    let salt: [UInt8]

    /// A header for a new file, with a salt of its own.
    init(_ family: Family, envelope: Envelope, kind: UInt8) throws(StoreError) {
        self.family = family
        self.envelope = envelope
        self.kind = kind
        salt = try encrypting { () throws(CryptoError) in try RandomBytes.bytes(32) }
    }

    /// The bytes as they are stored. A version 1 header has no extension.
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.append(bytes: family.rawValue.utf8)
        writer.append(Self.version)
        writer.append(envelope.rawValue)
        writer.append(kind)
        writer.append(UInt32(0))
        writer.append(bytes: salt)
        assert(writer.bytes.count == Self.byteCount)
        return writer.bytes
    }

    private init(family: Family, envelope: Envelope, kind: UInt8, salt: [UInt8]) {
        self.family = family
        self.envelope = envelope
        self.kind = kind
        self.salt = salt
    }

    /// Reads the header of a file whose family is known beforehand. A newer version or envelope is an error of its own, not damage.
    static func read(_ family: Family, from reader: inout ByteReader, path: String) throws(StoreError) -> Header {
        let version: UInt16
        let envelopeByte: UInt8
        let kind: UInt8
        let extensionLength: UInt32
        let salt: [UInt8]
        do throws(MalformedBytes) {
            let magic = try reader.bytes(8)
            try reader.expect(magic.elementsEqual(family.rawValue.utf8), "the magic \(family.rawValue) is missing")
            version = try reader.uint16()
            envelopeByte = try reader.uint8()
            kind = try reader.uint8()
            extensionLength = try reader.uint32()
            salt = try reader.bytes(32)
        } catch { throw .damaged(family.noun, path: path, error) }
        guard version == Self.version else { throw .unsupported("format version \(version)", path: path) }
        guard let envelope = Envelope(rawValue: envelopeByte) else {
            throw .unsupported("envelope \(envelopeByte)", path: path)
        }
        guard extensionLength == 0 else {
            throw .damaged(family.noun, path: path, "it has an extension, which envelope \(envelopeByte) has not")
        }
        return Header(family: family, envelope: envelope, kind: kind, salt: salt)
    }
}
