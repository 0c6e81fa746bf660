public import Posix

/// What a person calls a snapshot.
public enum SnapshotName: Hashable, Sendable, CustomStringConvertible {
    /// The newest one, or one so many before it: `latest`, `latest~2`.
    case latest(back: Int)
    /// The one whose id begins with these lower-case hexadecimal digits.
    case id(prefix: String)

    /// Whether it names one snapshot and no other, whatever others there are.
    public var isID: Bool { if case .id = self { true } else { false } }

    /// Reads a name; nil for anything else.
    public init?(_ text: String) {
        let word = "latest"
        if text == word {
            self = .latest(back: 0)
        } else if text.hasPrefix("\(word)~") {
            let digits = text.dropFirst(word.count + 1)
            guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let back = Int(digits)
            else { return nil }
            self = .latest(back: back)
        } else {
            let digits = text.lowercased()
            guard (1...SnapshotID.digitCount).contains(digits.utf8.count),
                digits.utf8.allSatisfy({ Self.digits.contains($0) })
            else { return nil }
            self = .id(prefix: digits)
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// As it is read.
    public var description: String {
        switch self {
        case .latest(0): "latest"
        case .latest(let back): "latest~\(back)"
        case .id(let prefix): prefix
        }
    }
}

/// A snapshot, or a part of one, as a person names it: `latest:/home/a/docs`.
public struct SnapshotReference: Hashable, Sendable {
    /// The snapshot; nil where a time is to choose it.
    public var name: SnapshotName?
    /// The part, absolute; nil for the whole.
    public var path: Path?

    /// Names a snapshot or a part of it.
    public init(_ name: SnapshotName?, path: Path? = nil) {
        self.name = name
        self.path = path
    }

    /// Reads `SNAP`, `SNAP:path` or `:path`, the path in any encoding, with or without its leading slash. Nil for anything else, also for a path
    /// with `..` in it: which folder that means, links decide, and they are not followed.
    public init?(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let text = String(validating: parts[0], as: UTF8.self) else { return nil }
        if parts.count == 2 {
            guard !parts[1].contains(0), let path = Self.normalised(parts[1]) else { return nil }
            self.path = path
        }
        if text.isEmpty {
            guard path != nil else { return nil }
        } else {
            guard let name = SnapshotName(text) else { return nil }
            self.name = name
        }
    }

    /// The absolute path of some components; what stands for "here" and empty ones are left out.
    private static func normalised(_ bytes: ArraySlice<UInt8>) -> Path? {
        let components = bytes.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
        if components.contains(where: { $0.elementsEqual("..".utf8) }) { return nil }
        return Path(Array("/".utf8) + components.joined(separator: "/".utf8))
    }
}
