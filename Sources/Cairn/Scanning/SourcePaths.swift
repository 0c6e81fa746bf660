import Posix

/// The paths that a snapshot is taken of: absolute, without `.`, `..` and doubled slashes, sorted, none inside another.
struct SourcePaths: Hashable, Sendable {
    private static let slash = UInt8(ascii: "/")

    /// The paths.
    let paths: [Path]
    /// Those that were given and lie inside others.
    let covered: [Path]
    /// Links to folders that were given with a slash at the end, in the order of their paths.
    let followed: [FollowedLink]

    /// Puts given paths in order; relative ones begin at the current folder. A link to a folder with a slash behind it stands for that
    /// folder, under the folder's own path.
    init(_ given: [Path], followsLinks: Bool = true) throws(CairnError) {
        var all: Set<Path> = []
        var followed: Set<FollowedLink> = []
        for path in given {
            do throws(PosixError) {
                let clean = Self.cleaned(try Folder.absolute(path))
                if followsLinks, path.bytes.last == Self.slash, let folder = Self.folder(behind: clean) {
                    followed.insert(FollowedLink(link: clean, folder: folder))
                    all.insert(folder)
                } else {
                    all.insert(clean)
                }
            } catch {
                throw CairnError(.source, error, path: path, remedy: "give an absolute path")
            }
        }
        self.followed = followed.sorted { $0.link < $1.link }
        var kept: [Path] = []
        var covered: [Path] = []
        // Before a slash comes no other byte, so that a path comes right before all that is inside it.
        let sorted = all.map { (path: $0, key: $0.bytes.map { $0 == Self.slash ? 0 : $0 }) }.sorted {
            $0.key.precedes($1.key)
        }
        var folder: [UInt8]?
        for (path, key) in sorted {
            if let folder, key.starts(with: folder) {
                covered.append(path)
            } else {
                kept.append(path)
                folder = key.last == 0 ? key : key + [0]
            }
        }
        paths = kept.sorted()
        self.covered = covered
    }

    /// Whether a path is that of a folder which is looked at only because a source lies below it.
    func lead(through path: Path) -> Bool {
        let folder = path.bytes.last == Self.slash ? Array(path.bytes) : path.bytes + [Self.slash]
        // Of all sources the first one that does not come before the folder lies in it, if any does.
        var (low, high) = (0, paths.count)
        while low < high {
            let middle = (low + high) / 2
            if Array(paths[middle].bytes).precedes(folder) { low = middle + 1 } else { high = middle }
        }
        return low < paths.count && paths[low].bytes.starts(with: folder) && paths[low] != path
    }

    /// The folder that a link leads to; nil for anything but such a link.
    private static func folder(behind path: Path) -> Path? {
        guard let above = try? FileDescriptor.open(path.parent, [.place, .folder]),
            let status = try? above.status(of: Path(path.lastComponent)), status.kind == .link,
            let folder = try? Folder.resolved(path), (try? Folder.status(folder))?.isFolder == true
        else { return nil }
        return folder
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
