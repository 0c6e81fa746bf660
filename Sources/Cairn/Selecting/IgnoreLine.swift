/// A line of a `.gitignore` file, understood as git does: `?` and brackets stand for one byte, and what is malformed matches
/// nothing.
struct IgnoreLine {
    /// Whether it takes back.
    private(set) var takesBack = false
    /// Whether it fits directories only.
    private(set) var wantsDirectory = false
    /// The patterns that it amounts to; none if it can match nothing.
    private(set) var paths: [[PathPart]] = []

    private static let slash = UInt8(ascii: "/")

    /// Understands a line without its end.
    init(_ line: ArraySlice<UInt8>) {
        var line = line
        if line.first == UInt8(ascii: "!") {
            takesBack = true
            line = line.dropFirst()
        }
        if line.last == Self.slash {
            wantsDirectory = true
            line = line.dropLast()
        }
        if line.isEmpty { return }
        let isAnchored = line.contains(Self.slash)
        if line.first == Self.slash { line = line.dropFirst() }
        guard let names = IgnoreLineParser.names(in: Array(line)) else { return }
        if isAnchored {
            addAnchored(names)
        } else if let name = names.first {
            paths = [[.anyDepth, .name(name.parts)]]
        }
    }

    /// git compares what stands before the first special character as it is, and begins to look for patterns behind it. So a
    /// double star right there counts as if a slash stood before it: `/lib**/x` is `/lib*/**/x`, and `/libx` too.
    private mutating func addAnchored(_ names: [IgnoreLineParser.Name]) {
        var names = names
        let index = names.firstIndex { !$0.isPlain } ?? names.endIndex
        var mayBegin = index < names.endIndex && names[index].isPlainBeforeDoubleStar && !names[index].isDoubleStar
        while mayBegin {
            paths.append(Self.path(names[...index] + [.doubleStar] + names[(index + 1)...]))
            if index + 1 == names.endIndex { break }
            mayBegin = names[index + 1].isDoubleStar
            let literal = names.remove(at: index).parts.dropLast()
            names[index].prefix(with: literal)
        }
        paths.append(Self.path(names[...]))
    }

    private static func path(_ names: ArraySlice<IgnoreLineParser.Name>) -> [PathPart] {
        var path: [PathPart] = []
        for name in names {
            if !name.isDoubleStar {
                path.append(.name(name.parts))
            } else if path.last != .anyDepth {
                path.append(.anyDepth)
            }
        }
        // `a/**` is what lies in `a`, not `a` itself.
        if path.last == .anyDepth { path.append(.anyName) }
        return path
    }
}
