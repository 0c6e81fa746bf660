/// One word of a command line, or the value of an environment variable: bytes, as the system hands them over.
public struct ArgumentValue: Hashable, Sendable {
    /// The exact bytes, without a terminating NUL.
    public let bytes: [UInt8]

    /// A value of these bytes.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A value of the UTF-8 bytes of a string.
    public init(_ string: String) {
        bytes = Array(string.utf8)
    }

    /// The value as text, or nil if it is not valid UTF-8.
    public var string: String? {
        String(validating: bytes, as: UTF8.self)
    }

    /// The value as it may be shown to a person: see `PrintableText`.
    public var shown: String {
        PrintableText.escape(bytes)
    }
}

extension ArgumentValue: ExpressibleByStringLiteral {
    /// A value of the UTF-8 bytes of a literal.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension ArgumentValue: CustomStringConvertible {
    /// The printable form.
    public var description: String { shown }
}
