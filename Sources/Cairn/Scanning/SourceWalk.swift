import ChunkStore
import Posix

/// The walk over the sources of a scan, in one thread: lists folders, leaves out what is not wanted, asks for the status of every other name,
/// and hands on what it met (`SightingIntake`). Folders are visited depth first, names in the order of their bytes.
struct SourceWalk {
    private let scan: TreeScan
    private let intake: Stage<Sightings>
    private let pool = FolderPool()
    /// What was met and is not handed on yet.
    private var met = Sightings()

    /// A folder that is being gone through.
    private struct Frame {
        let name: [UInt8]
        let node: FolderNode
        /// The folder, opened, while names in it are looked at. Folders above that one may be closed meanwhile.
        var open: OpenFolder?
        let selection: Selection.Folder
        let names: [Folder.Entry]
        var next = 0
        let device: UInt64

        mutating func opened() throws(PosixError) -> OpenFolder {
            if let open { return open }
            let open = try node.opened()
            self.open = open
            return open
        }
    }

    init(_ scan: TreeScan, intake: Stage<Sightings>) {
        self.scan = scan
        self.intake = intake
    }

    /// Goes through all sources.
    mutating func run() throws(CairnError) {
        let sources = scan.request.sources.paths.enumerated().map { index, path in
            (index: index, rest: SourcePaths.components(path)[...])
        }
        if sources.count == 1, sources[0].rest.isEmpty {
            try walkRoot()
        } else {
            let root = try assembly(on: Path("/"), place: nil)
            try walk(sources, in: root, earlier: scan.request.earlierTree?.root)
            try scan.seal(root)
        }
        handOn()
    }

    private mutating func note(_ kind: Sighting.Kind, _ name: [UInt8], _ source: Sighting.Source? = nil) {
        met.append(Sighting(kind: kind, name: name, source: source))
        if met.isFull { handOn() }
    }

    private mutating func handOn() {
        intake.submit(met)
        met = Sightings()
    }

    // MARK: The way to the sources

    /// Goes down the folders that lead to sources; of those only what leads there is kept.
    private mutating func walk(
        _ sources: [(index: Int, rest: ArraySlice<[UInt8]>)], in folder: FolderAssembly, earlier: TreeEntry?
    ) throws(CairnError) {
        let groups = Dictionary(grouping: sources) { $0.rest.first! }
        for (name, group) in groups.sorted(by: { $0.key.precedes($1.key) }) {
            let known = try scan.earlierEntry(named: name, in: earlier)
            if group.count == 1, group[0].rest.count == 1 {
                try walkSource(group[0].index, name, in: folder, earlier: known)
                continue
            }
            let path = Path(folder.path).appending(Path(name))
            guard let status = try? Folder.status(path), status.isFolder else {
                for source in group { reportMissing(source.index) }
                continue
            }
            if scan.request.avoided.contains(TreeScan.FileIdentity(status)) {
                for source in group { scan.noteAvoided(scan.request.sources.paths[source.index], isSource: true) }
                continue
            }
            let below = try assembly(on: path, place: folder.slot(for: name))
            try walk(group.map { ($0.index, $0.rest.dropFirst()) }, in: below, earlier: known)
            try scan.seal(below)
        }
    }

    private func reportMissing(_ source: Int) {
        scan.report(scan.request.sources.paths[source], .missing, "there is no such file or folder")
    }

    /// A folder on the way to a source, links followed.
    private func assembly(on path: Path, place: FolderAssembly.Slot?) throws(CairnError) -> FolderAssembly {
        do throws(PosixError) {
            // Whoever may go through it need not be allowed to list it.
            let folder = try FileDescriptor.openFolder(path, isListed: false)
            let status = try folder.status()
            let own = FolderAssembly.Own(
                status: status, attributes: (try? scan.making.attributes(of: Path("."), in: folder)) ?? [],
                isFresh: status.isFresh(at: .now), old: nil, leadsToSources: true)
            let scan = scan
            // It holds only a part of what is on disk, so nothing of it is remembered.
            return FolderAssembly(own, place: place, journal: nil, isKnown: false, reader: scan.reader) {
                (bytes, parents) throws(CairnError) in try scan.put(bytes, after: parents)
            }
        } catch { throw CairnError(.source, error, path: path) }
    }

    // MARK: Sources

    private mutating func walkRoot() throws(CairnError) {
        let node = FolderNode(path: Path("/"), pool: pool)
        let old = try oldSource(Path("/"))
        let assembly: FolderAssembly
        let frame: Frame
        do throws(PosixError) {
            let open = try node.opened()
            let status = try open.descriptor.status()
            let own = FolderAssembly.Own(
                status: status, attributes: try scan.making.attributes(of: open.descriptor),
                isFresh: status.isFresh(at: .now), old: old, source: 0)
            let isKnown = try? scan.isKnown(old)
            assembly = scan.assembly(own, place: nil, isKnown: isKnown ?? false)
            let names = try open.descriptor.sortedEntries()
            frame = Frame(
                name: [], node: node, open: open,
                selection: scan.request.selection.root(Path("/"), listing: names, folder: open), names: names,
                device: status.device)
        } catch { throw CairnError(.source, error, path: Path("/")) }
        note(.root(assembly, node), [])
        try walk(frame)
    }

    private mutating func walkSource(
        _ index: Int, _ name: [UInt8], in folder: FolderAssembly, earlier: TreeEntry?
    ) throws(CairnError) {
        let node = FolderNode(path: Path(folder.path), pool: pool, isListed: false)
        let path = scan.request.sources.paths[index]
        let open: OpenFolder
        let status: FileStatus
        do throws(PosixError) {
            open = try node.opened()
            status = try open.descriptor.status(of: Path(name))
        } catch {
            if error.errno == .noSuchFile || error.errno == .notAFolder { return reportMissing(index) }
            return scan.report(path, error)
        }
        let isTrusted = scan.request.earlierTree?.isTrusted ?? false
        let source = Sighting.Source(
            index: index, slot: folder.slot(for: name),
            old: try oldSource(path) ?? earlier.map { JournalItem($0, isTrusted: isTrusted) }, folder: node)
        guard status.isFolder else { return note(.item(status), name, source) }
        let selection = scan.request.selection
        let frame = enter(name, status, in: node, on: status.device, source) { names, open in
            selection.root(Path(source.slot.path), listing: names, folder: open)
        }
        if let frame { try walk(frame) }
    }

    private func oldSource(_ path: Path) throws(CairnError) -> JournalItem? {
        guard let journal = scan.journal,
            let page = try journal.pageIfThere(0, of: TreeScan.sourceKey(Array(path.bytes)))
        else { return nil }
        return try? JournalItem(whole: page.items)
    }

    // MARK: Folders

    private mutating func walk(_ first: Frame) throws(CairnError) {
        var frames = [first]
        while let last = frames.indices.last {
            guard frames[last].next < frames[last].names.count else {
                note(.end, frames.removeLast().name)
                continue
            }
            guard let below = try look(in: &frames[last]) else { continue }
            frames[last].open = nil
            frames.append(below)
        }
    }

    /// Looks at the next name of a folder; a folder comes back to be gone through.
    private mutating func look(in frame: inout Frame) throws(CairnError) -> Frame? {
        try scan.check()
        let entry = frame.names[frame.next]
        frame.next += 1
        if frame.selection.isExcluded(entry) == true { return passBy() }
        let status: FileStatus
        do throws(PosixError) { status = try frame.opened().descriptor.status(ofListed: entry.name) } catch {
            note(.unknown(error), entry.name)
            return nil
        }
        if frame.selection.isExcluded(entry, status) { return passBy() }
        guard status.isFolder else {
            note(.item(status), entry.name)
            return nil
        }
        let selection = frame.selection
        return enter(entry.name, status, in: frame.node, on: frame.device) { names, open in
            selection.child(entry.name, listing: names, folder: open)
        }
    }

    private mutating func passBy() -> Frame? {
        met.passBy()
        if met.isFull { handOn() }
        return nil
    }

    /// Opens and lists a folder; nil where it is not gone into.
    private mutating func enter(
        _ name: [UInt8], _ status: FileStatus, in folder: FolderNode, on device: UInt64,
        _ source: Sighting.Source? = nil, selection: ([Folder.Entry], OpenFolder) -> Selection.Folder
    ) -> Frame? {
        let node = folder.child(Path(name))
        if scan.request.avoided.contains(TreeScan.FileIdentity(status)) {
            note(.avoided(status, node), name, source)
            return nil
        }
        let isOther = scan.request.staysOnFileSystem && status.device != device
        do throws(PosixError) {
            let open = try node.opened()
            let names = isOther ? [] : try open.descriptor.sortedEntries()
            note(.folder(status, node), name, source)
            return Frame(
                name: name, node: node, open: open, selection: selection(names, open), names: names,
                device: status.device)
        } catch {
            note(.unlisted(status, node, error), name, source)
            return nil
        }
    }
}
