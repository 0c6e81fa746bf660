import ChunkStore
import Posix

/// The walk over the sources of a scan, in one thread: lists folders, looks at every name, takes over what is unchanged, and hands what must
/// be read to others. Folders are visited depth first, names in the order of their bytes.
struct SourceWalk {
    private let scan: TreeScan
    private let files: Stage<FileJob>
    private let pool = FolderPool()

    /// A folder that is being gone through.
    private struct Frame {
        let node: FolderNode
        let open: OpenFolder
        let assembly: FolderAssembly
        let selection: Selection.Folder
        var known: KnownFolder
        var names: [Folder.Entry]
        var next = 0
        /// Which source it lies below, and where in it.
        let source: Int
        let pathInSource: [UInt8]
        let device: UInt64
    }

    /// A name that is looked at.
    private struct Visit {
        let name: Path
        let status: FileStatus
        let slot: FolderAssembly.Slot
        let old: JournalItem?
        let source: Int
        let pathInSource: [UInt8]
        /// Whether it is the source itself.
        let isSource: Bool
    }

    init(_ scan: TreeScan, files: Stage<FileJob>) {
        self.scan = scan
        self.files = files
    }

    /// Goes through all sources.
    mutating func run() throws(CairnError) {
        let sources = scan.request.sources.paths.enumerated().map { index, path in
            (index: index, rest: SourcePaths.components(path)[...])
        }
        if sources.count == 1, sources[0].rest.isEmpty { return try walkRoot() }
        let root = try assembly(on: Path("/"), place: nil)
        try walk(sources, in: root, earlier: scan.request.earlierTree)
        try scan.seal(root)
    }

    // MARK: The way to the sources

    /// Goes down the folders that lead to sources; of those only what leads there is kept.
    private mutating func walk(
        _ sources: [(index: Int, rest: ArraySlice<[UInt8]>)], in folder: FolderAssembly, earlier: TreeEntry?
    ) throws(CairnError) {
        let groups = Dictionary(grouping: sources) { $0.rest.first! }
        for (name, group) in groups.sorted(by: { $0.key.precedes($1.key) }) {
            let known =
                try earlier.map { (entry) throws(CairnError) in try scan.trees.entry(named: name, in: entry) } ?? nil
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
            return FolderAssembly(own, place: place, path: Array(path.bytes), journal: nil, isKnown: false) {
                (bytes) throws(CairnError) in try scan.put(bytes)
            }
        } catch { throw CairnError(.source, error, path: path) }
    }

    private func own(
        _ folder: borrowing FileDescriptor, old: JournalItem?, source: Int?
    ) throws(PosixError) -> FolderAssembly.Own {
        let status = try folder.status()
        return FolderAssembly.Own(
            status: status, attributes: try scan.making.attributes(of: folder), isFresh: status.isFresh(at: .now),
            old: old, source: source)
    }

    private func assembly(
        _ own: FolderAssembly.Own, place: FolderAssembly.Slot?, path: [UInt8], isKnown: Bool
    ) -> FolderAssembly {
        let scan = scan
        return FolderAssembly(own, place: place, path: path, journal: scan.journal, isKnown: isKnown) {
            (bytes) throws(CairnError) in try scan.put(bytes)
        }
    }

    // MARK: Sources

    private mutating func walkRoot() throws(CairnError) {
        let node = FolderNode(path: Path("/"), pool: pool)
        let old = try oldSource(Path("/"))
        do throws(PosixError) {
            let open = try node.opened()
            let own = try own(open.descriptor, old: old, source: 0)
            let isKnown = try? known(old)
            let assembly = assembly(own, place: nil, path: [UInt8(ascii: "/")], isKnown: isKnown ?? false)
            let names = try open.descriptor.sortedEntries()
            let frame = Frame(
                node: node, open: open, assembly: assembly,
                selection: scan.request.selection.root(Path("/"), listing: names, folder: open),
                known: knownFolder(old, path: [UInt8(ascii: "/")], earlier: scan.request.earlierTree), names: names,
                source: 0,
                pathInSource: [], device: own.status.device)
            do throws(CairnError) { try walk(frame) } catch { scan.fail(error) }
        } catch { throw CairnError(.source, error, path: Path("/")) }
    }

    private mutating func walkSource(
        _ index: Int, _ name: [UInt8], in folder: FolderAssembly, earlier: TreeEntry?
    ) throws(CairnError) {
        let node = FolderNode(path: Path(folder.path), pool: pool, isListed: false)
        let path = scan.request.sources.paths[index]
        let status: FileStatus
        do throws(PosixError) { status = try node.opened().descriptor.status(of: Path(name)) } catch {
            if error.errno == .noSuchFile || error.errno == .notAFolder { return reportMissing(index) }
            return scan.report(path, error)
        }
        let visit = Visit(
            name: Path(name), status: status, slot: folder.slot(for: name),
            old: try oldSource(path) ?? earlier.map { JournalItem($0) },
            source: index, pathInSource: [], isSource: true)
        let open: OpenFolder
        do throws(PosixError) { open = try node.opened() } catch { return scan.report(path, error) }
        if let frame = try self.visit(visit, in: node, open, device: status.device, selection: nil) {
            try walk(frame)
        }
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
                let frame = frames.removeLast()
                try finish(frame)
                continue
            }
            let entry = frames[last].names[frames[last].next]
            frames[last].next += 1
            if let below = try look(at: entry, in: &frames[last]) { frames.append(below) }
        }
    }

    private func finish(_ frame: Frame) throws(CairnError) {
        var known = frame.known
        try known.finish { (item) throws(CairnError) in try forget(item, in: frame.assembly) }
        try scan.seal(frame.assembly)
    }

    /// Something is not here any more.
    private func forget(_ item: JournalItem, in folder: FolderAssembly) throws(CairnError) {
        if folder.isKnown { try folder.noteRemoval() }
        guard item.kind == TreeEntry.Node.code(of: .folder) else { return }
        let path = folder.path.last == UInt8(ascii: "/") ? folder.path : folder.path + [UInt8(ascii: "/")]
        try scan.journal?.forget(path + item.name)
    }

    /// Looks at one name; a folder comes back to be gone through.
    private func look(at entry: Folder.Entry, in frame: inout Frame) throws(CairnError) -> Frame? {
        try scan.check()
        let assembly = frame.assembly
        if frame.selection.isExcluded(entry) == true { return nil }
        let name = Path(entry.name)
        let status: FileStatus
        do throws(PosixError) { status = try frame.open.descriptor.status(of: name) } catch {
            scan.report(frame.node.path(of: name), error)
            return nil
        }
        if frame.selection.isExcluded(entry, status) { return nil }
        let old = try frame.known.find(entry.name) { (item) throws(CairnError) in try forget(item, in: assembly) }
        let visit = Visit(
            name: name, status: status, slot: assembly.slot(for: entry.name), old: old, source: frame.source,
            pathInSource: frame.pathInSource.isEmpty
                ? entry.name : frame.pathInSource + [UInt8(ascii: "/")] + entry.name,
            isSource: false)
        return try self.visit(visit, in: frame.node, frame.open, device: frame.device, selection: frame.selection)
    }

    private func visit(
        _ visit: Visit, in node: FolderNode, _ open: OpenFolder, device: UInt64, selection: Selection.Folder?
    ) throws(CairnError) -> Frame? {
        if visit.status.isFolder { return try enter(visit, in: node, device: device, selection: selection) }
        var group: UInt64?
        if visit.status.linkCount > 1 {
            guard case .first(let number) = try claim(visit) else { return nil }
            group = number
        }
        if let item = try trusted(visit) {
            try takeOver(item, visit, group, in: node, open)
        } else if visit.status.isRegular {
            files.submit(
                FileJob(
                    slot: visit.slot, folder: node, name: visit.name, seen: visit.status, old: visit.old,
                    isExpected: visit.old?.isTrusted(visit.status, scan.request.tolerance) ?? false, group: group,
                    source: visit.isSource ? visit.source : nil))
        } else {
            try takeSpecial(visit, group, in: node, open)
        }
        return nil
    }

    // MARK: What is unchanged

    /// What is known of a name, if the name can be taken for unchanged and everything it needs is stored.
    private func trusted(_ visit: Visit) throws(CairnError) -> JournalItem? {
        guard scan.request.isTrusting || !visit.status.isRegular else { return nil }
        if let old = visit.old, old.isTrusted(visit.status, scan.request.tolerance) {
            if scan.request.isProven { return old }
            if let entry = try? old.entry(), try scan.isStored(entry) { return old }
        }
        // A run that was cut off may have read it already.
        guard scan.request.isTrusting, let finished = scan.journal?.finishedFiles, finished.isResuming,
            let item = finished.item(at: visit.slot.path), item.isTrusted(visit.status, scan.request.tolerance),
            let entry = try? item.entry(), try scan.isStored(entry)
        else { return nil }
        return item
    }

    private func takeOver(
        _ item: JournalItem, _ visit: Visit, _ group: UInt64?, in node: FolderNode, _ open: OpenFolder
    ) throws(CairnError) {
        // Whoever does not look at the time of the last change cannot know that owner, mode and attributes are what they were.
        let isWhole = !scan.request.tolerance.ignoresChangeTime
        if isWhole, visit.slot.folder.isKnown, !visit.isSource, visit.status.linkCount <= 1,
            item.bytes == visit.old?.bytes
        {
            scan.countUnchanged(visit.status)
            return try scan.settle(visit.slot, .same)
        }
        guard var entry = try? item.entry() else {
            throw CairnError(.system, "the journal makes no sense", path: Path(visit.slot.path))
        }
        if !isWhole {
            do throws(PosixError) {
                let attributes = try scan.making.attributes(of: visit.name, in: open.descriptor)
                entry = scan.making.entry(visit.slot.name, visit.status, entry.node, attributes: attributes)
            } catch {
                scan.report(node.path(of: visit.name), error)
                return try drop(visit, group)
            }
        }
        entry.linkGroup = group
        try keep(entry, visit, isFresh: false, group)
    }

    private func keep(_ entry: TreeEntry, _ visit: Visit, isFresh: Bool, _ group: UInt64?) throws(CairnError) {
        scan.progress.update { $0.filesDone += 1 }
        let (_, outcome) = try scan.note(
            entry, visit.status, isFresh: isFresh, old: visit.old, in: visit.slot.folder, path: visit.slot.path,
            source: visit.isSource ? visit.source : nil)
        if let group { try scan.links.settle(group, entry) }
        try scan.settle(visit.slot, outcome)
    }

    // MARK: Links, pipes, devices

    private func takeSpecial(
        _ visit: Visit, _ group: UInt64?, in node: FolderNode, _ open: OpenFolder
    ) throws(CairnError) {
        let made: (TreeEntry.Node?, [ExtendedAttribute])
        do throws(PosixError) {
            made = (
                try scan.making.node(visit.name, visit.status, in: open.descriptor),
                try scan.making.attributes(of: visit.name, in: open.descriptor)
            )
        } catch {
            scan.report(node.path(of: visit.name), error)
            return try drop(visit, group)
        }
        guard let special = made.0 else {
            scan.report(node.path(of: visit.name), .access, "it is of a kind that no snapshot holds")
            return try drop(visit, group)
        }
        let entry = scan.making.entry(
            visit.slot.name, visit.status, special, attributes: made.1, linkGroup: group)
        try keep(entry, visit, isFresh: visit.status.isFresh(at: .now), group)
    }

    private func drop(_ visit: Visit, _ group: UInt64?) throws(CairnError) {
        if let group { try scan.links.settle(group, nil) }
        try scan.settle(visit.slot, .left)
    }

    /// Asks for a file with several names. Only the first name leads to it; the others follow.
    private func claim(_ visit: Visit) throws(CairnError) -> HardLinks.Claim {
        let scan = scan
        let follow: @Sendable (TreeEntry?) -> Void = { entry in
            do throws(CairnError) {
                guard var entry else { return try scan.settle(visit.slot, .left) }
                entry.name = visit.slot.name
                if let group = entry.linkGroup {
                    try scan.links.add(group, source: visit.source, path: visit.pathInSource)
                }
                scan.progress.update { $0.filesDone += 1 }
                let (_, outcome) = try scan.note(
                    entry, visit.status, isFresh: visit.status.isFresh(at: .now), old: visit.old,
                    in: visit.slot.folder, path: visit.slot.path, source: visit.isSource ? visit.source : nil)
                try scan.settle(visit.slot, outcome)
            } catch { scan.fail(error) }
        }
        let claim = try scan.links.claim(visit.status, waiter: follow)
        switch claim {
        case .first(let group): try scan.links.add(group, source: visit.source, path: visit.pathInSource)
        case .known(let entry): follow(entry)
        case .failed: follow(nil)
        case .waiting: break
        }
        return claim
    }

    // MARK: Entering

    private func enter(
        _ visit: Visit, in node: FolderNode, device: UInt64, selection: Selection.Folder?
    ) throws(CairnError) -> Frame? {
        let child = node.child(visit.name)
        if scan.request.avoided.contains(TreeScan.FileIdentity(visit.status)) {
            scan.noteAvoided(child.path, isSource: visit.isSource)
            try scan.settle(visit.slot, .left)
            return nil
        }
        let path = visit.slot.path
        let isOther = scan.request.staysOnFileSystem && visit.status.device != device
        let trustsOwn = visit.old?.isTrusted(visit.status, scan.request.tolerance) ?? false
        var open: OpenFolder?
        var names: [Folder.Entry] = []
        var attributes: [ExtendedAttribute] = []
        do throws(PosixError) {
            let folder = try child.opened()
            open = folder
            if trustsOwn, !scan.request.tolerance.ignoresChangeTime, let entry = try? visit.old?.entry() {
                attributes = entry.attributes
            } else {
                attributes = try scan.making.attributes(of: folder.descriptor)
            }
            if !isOther { names = try folder.descriptor.sortedEntries() }
        } catch {
            scan.report(child.path, error)
            if error.errno == .noSuchFile || error.errno == .stale || error.errno == .notAFolder {
                try scan.settle(visit.slot, .left)
                return nil
            }
        }
        let isKnown = try known(visit.old)
        let own = FolderAssembly.Own(
            status: visit.status, attributes: attributes, isFresh: visit.status.isFresh(at: .now), old: visit.old,
            source: visit.isSource ? visit.source : nil)
        let assembly = assembly(own, place: visit.slot, path: path, isKnown: isKnown)
        guard let open else {
            // It is there, and nobody knows what is in it.
            if isKnown { try assembly.noteRemoval() }
            try scan.seal(assembly)
            return nil
        }
        let earlier = isKnown ? nil : (try? visit.old?.entry()).flatMap { $0 }
        return Frame(
            node: child, open: open, assembly: assembly,
            selection: selection.map { $0.child(visit.slot.name, listing: names, folder: open) }
                ?? scan.request.selection.root(Path(path), listing: names, folder: open),
            known: knownFolder(visit.old, path: path, earlier: scan.request.earlierTree == nil ? nil : earlier),
            names: names, source: visit.source, pathInSource: visit.pathInSource, device: visit.status.device)
    }

    /// Whether the journal remembers a folder, and its pages are stored.
    private func known(_ old: JournalItem?) throws(CairnError) -> Bool {
        guard scan.journal != nil, scan.request.earlierTree == nil, let old,
            old.kind == TreeEntry.Node.code(of: .folder)
        else { return false }
        if scan.request.isProven { return true }
        guard let entry = try? old.entry() else { return false }
        return try scan.isStored(entry)
    }

    private func knownFolder(_ old: JournalItem?, path: [UInt8], earlier: TreeEntry?) -> KnownFolder {
        if let earlier { return .tree(scan.trees.entries(of: earlier)) }
        guard let journal = scan.journal, old?.kind == TreeEntry.Node.code(of: .folder) else { return .nothing }
        return .journal(JournalCursor(path, in: journal))
    }
}
