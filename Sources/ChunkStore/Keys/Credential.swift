internal import Bytes
public import Crypto

/// What opens an encrypted repository.
public enum Credential: Sendable {
    /// A password, byte for byte; it is stretched, which takes about a quarter of a second.
    case password(Secret)
    /// The 32 bytes of a key file; not stretched, so quick.
    case keyFile(Secret)

    /// A password's text.
    public static func password(_ text: String) -> Credential {
        .password(Array(text.utf8).withUnsafeBytes { Secret(copying: $0) })
    }

    var kind: KeySlot.Kind {
        switch self {
        case .password: .password
        case .keyFile: .keyFile
        }
    }

    /// What the slot's sealing key is derived from.
    func inputKey(salt: [UInt8], cost: KeySlot.ScryptCost?) throws(StoreError) -> Secret {
        switch self {
        case .keyFile(let key): return key
        case .password(let password):
            let cost = cost ?? .standard
            return try encrypting { () throws(CryptoError) in
                try Scrypt.derive(
                    password: password, salt: salt, log2N: cost.log2N, r: cost.r, p: cost.p, byteCount: 32)
            }
        }
    }
}

/// The text of key files: one line, `cairn-key-1` and 64 hexadecimal digits.
public enum KeyFileText {
    private static let word = "cairn-key-1"

    /// The line for a new random key, and the key.
    public static func make() throws(StoreError) -> (text: [UInt8], credential: Credential) {
        let key = try encrypting { () throws(CryptoError) in try Secret.random(byteCount: 32) }
        let digits = key.withUnsafeBytes { Hex.encode($0) }
        return (Array("\(word) \(digits)\n".utf8), .keyFile(key))
    }

    /// Reads a key file's text; nil if it is none.
    public static func parse(_ text: [UInt8]) -> Credential? {
        let words = text.split { $0 <= 0x20 }
        guard words.count == 2, words[0].elementsEqual(word.utf8), words[1].count == 64,
            let bytes = Hex.decode(String(decoding: words[1], as: UTF8.self))
        else { return nil }
        return .keyFile(bytes.withUnsafeBytes { Secret(copying: $0) })
    }
}
