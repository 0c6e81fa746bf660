/// A file whose presence leaves out what else is in its folder: `--exclude-if-present NAME[:HEADER]`.
public struct PresenceMark: Hashable, Sendable {
    /// The file's name.
    public let name: [UInt8]
    /// What the file must begin with; empty if its name is enough.
    public let header: [UInt8]

    /// At most this many bytes of a file are compared.
    static let headerBytesMax = 1 << 16

    /// A mark with a header that is short enough.
    init(name: [UInt8], header: [UInt8]) {
        self.name = name
        self.header = header
    }

    /// Understands `NAME` or `NAME:HEADER`; the first colon parts them.
    public init(parsing bytes: [UInt8]) throws(PatternError) {
        let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        let name = Array(bytes[..<colon])
        let header = Array(bytes[colon...].dropFirst())
        let flaw: String? =
            if name.isEmpty {
                "it names no file"
            } else if name == Array(".".utf8) || name == Array("..".utf8)
                || name.contains(where: { $0 == 0x2F || $0 == 0 })
            {
                "what stands before the colon is no file's name"
            } else if header.count > Self.headerBytesMax {
                "its header is longer than \(Self.headerBytesMax) bytes"
            } else {
                nil
            }
        if let flaw { throw PatternError(pattern: bytes, reason: flaw) }
        self.init(name: name, header: header)
    }

    /// How many bytes of the file must be read; none if its name is enough.
    public var byteCount: Int { header.count }

    /// Whether a file that begins so is the mark.
    public func holds(_ firstBytes: some Sequence<UInt8>) -> Bool { firstBytes.starts(with: header) }
}
