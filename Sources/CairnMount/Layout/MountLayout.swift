internal import Cairn
internal import Crypto
internal import Posix

/// The folders at the top, which follow what snapshots there are:
///
/// ```
/// latest → snapshots/<time>         the newest
/// snapshots/<time>/                 each by when it was taken, UTC
/// ids/<id>/                         each by its short id
/// hosts/<host>/<time>/, latest      by machine
/// tags/<tag>/<time>/, latest        by tag
/// changes/<id>/                     what each added or changed since its base
/// ```
final class MountLayout: Sendable {
    private struct State {
        var mounted: [SnapshotID: (snapshot: MountedSnapshot, name: [UInt8])] = [:]
        /// Names are given once, so that a snapshot does not change its own when others go.
        var names: Set<[UInt8]> = []
        var list: SnapshotList?
        var count: UInt32 = 0
    }

    let top = LayoutFolder()
    private let filter: SnapshotFilter
    private let state = Monitor(State())

    init(_ filter: SnapshotFilter) {
        self.filter = filter
        for name in ["snapshots", "ids", "hosts", "tags", "changes"] { _ = top.folder(Array(name.utf8)) }
    }

    /// The snapshots as they were shown last.
    var list: SnapshotList? { state.withLock { $0.list } }

    /// Shows the snapshots of a list.
    func show(_ list: SnapshotList) {
        state.withLock { state in
            let shown = list.snapshots(filter).map { mounted($0, &state) }
            let live = Set(shown.map(\.snapshot.snapshot.id))
            for (id, gone) in state.mounted where !live.contains(id) {
                gone.snapshot.goes()
                state.mounted[id] = nil
            }
            state.list = list
            arrange(shown)
        }
    }

    private typealias Shown = (snapshot: MountedSnapshot, name: [UInt8])

    private func arrange(_ shown: [Shown]) {
        func folder(_ name: String) -> LayoutFolder { top.folder(Array(name.utf8)) }
        func byTime(_ some: [Shown], in folder: LayoutFolder) {
            folder.show(some.map { ($0.name, $0.snapshot) }, isChanges: false, latest: some.last?.name)
        }
        byTime(shown, in: folder("snapshots"))
        top.link(shown.last.map { Array("snapshots/".utf8) + $0.name })
        let byID = Self.idNames(shown.map(\.snapshot))
        folder("ids").show(byID, isChanges: false, latest: byID.last?.name)
        folder("changes").show(byID, isChanges: true, latest: byID.last?.name)
        let hosts = folder("hosts")
        let byHost = Dictionary(grouping: shown) { $0.snapshot.snapshot.manifest.hostname }
        for (host, some) in byHost { byTime(some, in: hosts.folder(Self.fileName(host))) }
        let tags = folder("tags")
        var byTag: [String: [Shown]] = [:]
        for one in shown { for tag in one.snapshot.snapshot.manifest.tags { byTag[tag, default: []].append(one) } }
        for (tag, some) in byTag { byTime(some, in: tags.folder(Self.fileName(tag))) }
        for (parent, present) in [
            (hosts, Set(byHost.keys.map(Self.fileName))), (tags, Set(byTag.keys.map(Self.fileName))),
        ] {
            for (_, name, item) in parent.items(from: 0) where !present.contains(name) {
                if case .folder(let folder) = item { folder.show([], isChanges: false, latest: nil) }
            }
            parent.hideEmptyFolders()
        }
    }

    private func mounted(_ snapshot: Snapshot, _ state: inout State) -> Shown {
        if let known = state.mounted[snapshot.id], known.snapshot.becomes(snapshot) { return known }
        // One whose tree is another, for lost files were given up, keeps its name.
        let name = state.mounted[snapshot.id]?.name ?? newName(snapshot, &state)
        state.count += 1
        let shown = (MountedSnapshot(snapshot, number: state.count), name)
        state.mounted[snapshot.id] = shown
        return shown
    }

    /// The time, UTC; where another one of the same second has it, the short id behind it.
    private func newName(_ snapshot: Snapshot, _ state: inout State) -> [UInt8] {
        let time = snapshot.manifest.time.on(.fixed(0)).local
        // Neither spaces nor colons: rsync and scp take those for a host's.
        let plain = time.utf8.map {
            $0 == UInt8(ascii: " ") ? UInt8(ascii: "T") : $0 == UInt8(ascii: ":") ? UInt8(ascii: "-") : $0
        }
        for name in [plain + Array("Z".utf8), plain + Array("Z-\(snapshot.id.short)".utf8)] {
            if state.names.insert(name).inserted { return name }
        }
        return plain + Array("Z-\(snapshot.id)".utf8)
    }

    /// Short ids; whole ones where two begin alike.
    private static func idNames(_ snapshots: [MountedSnapshot]) -> [(name: [UInt8], snapshot: MountedSnapshot)] {
        let byShort = Dictionary(grouping: snapshots) { $0.snapshot.id.short }
        return snapshots.map { snapshot in
            let id = snapshot.snapshot.id
            return (Array((byShort[id.short]?.count == 1 ? id.short : "\(id)").utf8), snapshot)
        }
    }

    /// A text as a file's name: slashes, and what would mean a folder itself, are written as `%2F` and `%2E`; so are zeros, and percent signs.
    static func fileName(_ text: String) -> [UInt8] {
        let isDots = text == "." || text == ".."
        var name: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0, UInt8(ascii: "/"), UInt8(ascii: "%"):
                name += Array("%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8)
            case UInt8(ascii: ".") where isDots: name += Array("%2E".utf8)
            default: name.append(byte)
            }
        }
        if name.isEmpty { return Array("%".utf8) }
        // A file's name has 255 bytes at most.
        return name.count <= 255 ? name : Array(name.prefix(190)) + [UInt8(ascii: "-")] + SHA256.digest(name).hex.utf8
    }
}
