internal import Crypto
internal import Posix

/// A line of a list that `sha256sum -c` reads.
enum DigestLine {
    /// Digest, two blanks, the name's bytes. A name with a line feed, a carriage return or a backslash is escaped, and a backslash before the digest
    /// says so.
    static func bytes(_ digest: SHA256Digest, _ path: Path) -> [UInt8] {
        var name: [UInt8] = []
        for byte in path.bytes {
            switch byte {
            case UInt8(ascii: "\\"): name += "\\\\".utf8
            case UInt8(ascii: "\n"): name += "\\n".utf8
            case UInt8(ascii: "\r"): name += "\\r".utf8
            default: name.append(byte)
            }
        }
        let isEscaped = name.count > path.bytes.count
        return Array((isEscaped ? "\\" : "").utf8) + Array("\(digest.hex)  ".utf8) + name + [UInt8(ascii: "\n")]
    }
}
