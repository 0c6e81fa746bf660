import Posix

/// The paths that a snapshot is taken of: absolute, without `.`, `..` and doubled slashes, sorted, none inside another.
struct SourcePaths: Hashable, Sendable {
    private static let slash = UInt8(ascii: "/")

    /// The paths.
    let paths: [Path]
    /// Those that were given and lie inside others.
    let covered: [Path]

    /// Puts given paths in order; relative ones begin at the current folder.
    init(_ given: [Path]) throws(CairnError) {
        var all: Set<Path> = []
        for path in given {
            do throws(PosixError) { all.insert(Self.cleaned(try Folder.absolute(path))) } catch {
                throw CairnError(.source, error, path: path, remedy: "give an absolute path")
            }
        }
        var kept: [Path] = []
        var covered: [Path] = []
        // Component by component a path comes right before what is inside it.
        for path in all.sorted(by: {
            Self.components($0).lexicographicallyPrecedes(Self.components($1)) { $0.precedes($1) }
        }) {
            if let last = kept.last, Self.components(path).starts(with: Self.components(last)) {
                covered.append(path)
            } else {
                kept.append(path)
            }
        }
        paths = kept.sorted()
        self.covered = covered
    }

    static func components(_ path: Path) -> [[UInt8]] { path.bytes.split(separator: slash).map { Array($0) } }

    /// What the text of a path says, without looking at any link.
    private static func cleaned(_ path: Path) -> Path {
        var kept: [[UInt8]] = []
        for component in components(path) where component != [UInt8(ascii: ".")] {
            if component == Array("..".utf8) { _ = kept.popLast() } else { kept.append(component) }
        }
        return Path([slash] + kept.joined(separator: [slash]))
    }
}
