internal import FoundationEssentials
public import Posix

extension Manifest {
    /// Something that could not be saved.
    public struct SourceError: Hashable, Sendable {
        /// Where, absolute.
        public var path: Path
        /// What sort of trouble, in a word for programs: `unreadable`, `changed`, `missing` …
        public var kind: String
        /// What happened, for people.
        public var message: String
        var unknown = UnknownFields()

        /// Describes what happened to a path.
        public init(path: Path, kind: String, message: String) {
            self.path = path
            self.kind = kind
            self.message = message
        }
    }
}

extension Manifest.SourceError: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case path, kind, message
        case pathBase64 = "path_base64"
    }

    /// Reads an error as a manifest or a line of its error list holds it.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let exact = try fields.decodeIfPresent(String.self, forKey: .pathBase64)
        guard let path = WrittenPath.path(try fields.decode(String.self, forKey: .path), exact: exact) else {
            throw fields.problem(.path, "it is not an absolute path")
        }
        self.init(
            path: path, kind: try fields.decode(String.self, forKey: .kind),
            message: try fields.decode(String.self, forKey: .message))
        unknown = try UnknownFields(decoder, except: CodingKeys.allCases.map(\.rawValue))
    }

    /// Writes it; a path that is not UTF-8 appears escaped, and exact in `path_base64`.
    public func encode(to encoder: any Encoder) throws {
        try unknown.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        let written = WrittenPath(path)
        try fields.encode(written.text, forKey: .path)
        try fields.encodeIfPresent(written.exact, forKey: .pathBase64)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(message, forKey: .message)
    }
}

/// How a path stands in JSON: as text, and where that cannot hold it, in Base64 beside it.
struct WrittenPath {
    let text: String
    /// The bytes in Base64; nil where the text is exact.
    let exact: String?

    /// What a reader takes; longer paths no system knows.
    static let bytesMax = 65_536

    init(_ path: Path) {
        if let text = String(validating: path.bytes, as: UTF8.self) {
            self.text = text
            exact = nil
        } else {
            text = path.description
            exact = Data(path.bytes).base64EncodedString()
        }
    }

    /// The path that was written so; nil if it is none, or not absolute.
    static func path(_ text: String, exact: String?) -> Path? {
        let bytes: [UInt8]
        if let exact {
            guard let data = Data(base64Encoded: exact) else { return nil }
            bytes = Array(data)
        } else {
            bytes = Array(text.utf8)
        }
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= bytesMax, !bytes.contains(0) else { return nil }
        return Path(bytes)
    }
}
