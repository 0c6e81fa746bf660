/// A path as Linux knows it: bytes other than NUL, no encoding promised.
public struct Path: Hashable, Comparable, Sendable {
    /// The bytes and a closing NUL, so that a C call needs no copy.
    private let terminated: [UInt8]

    /// Makes a path of bytes; what follows a NUL is cut off.
    public init(_ bytes: some Sequence<UInt8>) {
        terminated =
            bytes.withContiguousStorageIfAvailable { Self.terminated($0) } ?? Array(bytes.prefix { $0 != 0 }) + [0]
    }

    /// The same of an array, without going through generic code: it is done for every name of a tree.
    public init(_ bytes: [UInt8]) { terminated = bytes.withUnsafeBufferPointer { Self.terminated($0) } }

    private static func terminated(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let count = bytes.firstIndex(of: 0) ?? bytes.count
        return [UInt8](unsafeUninitializedCapacity: count + 1) { buffer, filled in
            _ = buffer.update(fromContentsOf: bytes[..<count])
            buffer[count] = 0
            filled = count + 1
        }
    }

    /// Makes a path of a text's UTF-8.
    public init(_ text: String) { self.init(text.utf8) }

    /// The bytes, without a closing NUL.
    public var bytes: ArraySlice<UInt8> { terminated.dropLast() }

    /// Whether there are no bytes.
    public var isEmpty: Bool { terminated.count == 1 }

    /// Whether it starts at the root.
    public var isAbsolute: Bool { terminated[0] == Self.slash }

    /// The text, with bytes that are not UTF-8 replaced; for names that are known to be ASCII.
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    /// The text as it is, where it is UTF-8; else as `description` shows it.
    public var plain: String { String(validating: bytes, as: UTF8.self) ?? description }

    /// The part behind the last slash.
    public var lastComponent: ArraySlice<UInt8> {
        let trimmed = trimmedBytes
        guard let slash = trimmed.lastIndex(of: Self.slash) else { return trimmed }
        return trimmed[(slash + 1)...]
    }

    /// The part before the last slash; `.` where there is none.
    public var parent: Path {
        let trimmed = trimmedBytes
        guard let slash = trimmed.lastIndex(of: Self.slash) else { return Path(".") }
        return slash == trimmed.startIndex ? Path("/") : Path(trimmed[..<slash])
    }

    /// This path with more behind it; an absolute one stands alone.
    public func appending(_ other: Path) -> Path {
        if other.isAbsolute || isEmpty { return other }
        if other.isEmpty { return self }
        let head = bytes
        return Path(head.last == Self.slash ? head + other.bytes : head + [Self.slash] + other.bytes)
    }

    /// This path with a name behind it.
    public func appending(_ name: String) -> Path { appending(Path(name)) }

    /// Calls the body with the path as C wants it.
    public func withCString<Result, Failure: Error>(
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outcome: Swift.Result<Result, Failure> = terminated.withUnsafeBytes { raw in
            let start = raw.baseAddress!.assumingMemoryBound(to: CChar.self)
            do throws(Failure) { return .success(try body(start)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// Byte order.
    public static func < (left: Path, right: Path) -> Bool { left.terminated.precedes(right.terminated) }

    private var trimmedBytes: ArraySlice<UInt8> {
        var all = bytes
        while all.count > 1, all.last == Self.slash { all.removeLast() }
        return all
    }

    private static let slash = UInt8(ascii: "/")
}

extension Path: CustomStringConvertible, ExpressibleByStringLiteral {
    /// Makes a path of a literal.
    public init(stringLiteral text: String) { self.init(text) }

    /// For people: control characters, and bytes that are not UTF-8, as `\xNN`; a backslash as two.
    public var description: String {
        var text = ""
        var rest = bytes[...]
        while !rest.isEmpty {
            if let (scalar, length) = Self.firstScalar(of: rest), scalar.value >= 0x20, !(0x7F...0x9F ~= scalar.value) {
                if scalar == "\\" { text += "\\" }
                text.unicodeScalars.append(scalar)
                rest = rest.dropFirst(length)
            } else {
                let byte = rest.removeFirst()
                let digits = String(byte, radix: 16)
                text += byte == UInt8(ascii: "\n") ? "\\n" : "\\x" + (byte < 16 ? "0" : "") + digits
            }
        }
        return text
    }

    private static func firstScalar(of bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
        var iterator = bytes.prefix(4).makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return (scalar, UTF8.width(scalar))
    }
}
