internal import Posix

/// A pattern that cannot be understood.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The pattern as it was given.
    public let pattern: [UInt8]
    /// What is wrong with it.
    public let reason: String
    /// The line that it stands in, from 1, if it came from a file.
    public var line: Int?

    /// Describes a bad pattern.
    public init(pattern: [UInt8], reason: String, line: Int? = nil) {
        self.pattern = pattern
        self.reason = reason
        self.line = line
    }

    /// The pattern, made safe to print, and the reason.
    public var description: String {
        let shown = Path(pattern.map { $0 == 0 ? 0x1A : $0 }).description
        return (line.map { "line \($0): " } ?? "") + "bad pattern \"\(shown)\": \(reason)"
    }
}
