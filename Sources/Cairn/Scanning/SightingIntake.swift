import ChunkStore
import Posix

/// Takes what the walk over the sources met, in its order and on one thread: compares it with what is known, takes over what is unchanged, and
/// hands what must be read to others. So the walk need not wait for the journal, nor this for the disk.
struct SightingIntake {
    private let scan: TreeScan
    private let files: Stage<FileJob>
    /// The folders that the walk is in, from the source down.
    private var frames: [Frame] = []
    private var namesakes = Namesakes()
    /// How many more it is in, below these, of which nothing is taken.
    private var depthLeftOut = 0

    /// A folder that is being gone through.
    private struct Frame {
        let node: FolderNode
        let assembly: FolderAssembly
        var known: KnownFolder
        /// Made when the first new name comes.
        var formerNames: FormerNames?
        /// Which source it lies below.
        let source: Int
    }

    /// A name that is looked at.
    private struct Visit {
        let status: FileStatus
        /// No later than the status.
        let moment: FileTime
        let slot: FolderAssembly.Slot
        let old: JournalItem?
        /// Which source it lies below.
        let source: Int
        /// Whether it is the source itself.
        var isSource = false

        var name: Path { Path(slot.name) }
    }

    init(_ scan: TreeScan, files: Stage<FileJob>) {
        self.scan = scan
        self.files = files
    }

    /// Takes what was met next. What concerns the whole scan ends it; nothing more is taken then.
    mutating func take(_ met: Sightings) {
        do throws(CairnError) {
            for sighting in met.all {
                try scan.check()
                try take(sighting, at: met.moment)
            }
        } catch { scan.fail(error) }
    }

    private mutating func take(_ sighting: Sighting, at moment: FileTime) throws(CairnError) {
        switch sighting.kind {
        case .item(let status):
            guard let visit = try visit(sighting, status, moment) else { return }
            let namesake = namesake(of: visit)
            try take(visit, in: sighting.source?.folder ?? frames[frames.count - 1].node, namesake)
        case .folder(let status, let node):
            if let visit = try visit(sighting, status, moment), let frame = try enter(visit, node) {
                frames.append(frame)
            } else {
                depthLeftOut += 1
            }
        case .unlisted(let status, let node, let error):
            if let visit = try visit(sighting, status, moment) { _ = try enter(visit, node, failure: error) }
        case .avoided(let status, let node):
            guard let visit = try visit(sighting, status, moment) else { return }
            scan.noteAvoided(node.path, isSource: visit.isSource)
            try scan.settle(visit.slot, .left)
        case .unknown(let error):
            if depthLeftOut == 0 {
                scan.report(frames[frames.count - 1].node.path(of: Path(sighting.name)), error)
            }
        case .root(let assembly, let node):
            let known = known(assembly.own.old, assembly.key, earlier: scan.request.earlierTree?.root)
            frames.append(Frame(node: node, assembly: assembly, known: known, source: 0))
        case .end:
            if depthLeftOut > 0 { depthLeftOut -= 1 } else { try finish(frames.removeLast()) }
        }
    }

    /// Looks up what is known of a name; nil for what lies in a folder that is not taken.
    private mutating func visit(
        _ sighting: Sighting, _ status: FileStatus, _ moment: FileTime
    ) throws(CairnError) -> Visit? {
        if let source = sighting.source {
            return Visit(
                status: status, moment: moment, slot: source.slot, old: source.old, source: source.index, isSource: true
            )
        }
        if depthLeftOut > 0 { return nil }
        let last = frames.count - 1
        let (scan, assembly) = (scan, frames[last].assembly)
        let old = try frames[last].known.find(sighting.name) { (item) throws(CairnError) in
            try scan.forget(item, in: assembly)
        }
        return Visit(
            status: status, moment: moment, slot: assembly.slot(for: sighting.name), old: old,
            source: frames[last].source)
    }

    /// Where nothing was known of a file: what it was called before, or else another one of its name; and one that was known is remembered for
    /// those to come.
    private mutating func namesake(of visit: Visit) -> JournalItem? {
        guard visit.status.isRegular, let journal = scan.journal else { return nil }
        guard let old = visit.old else {
            return formerName(of: visit, in: journal)
                ?? namesakes.item(visit.slot.name, size: visit.status.size, in: journal)
        }
        if old.kind == TreeEntry.Node.code(of: .regular) {
            namesakes.note(visit.slot.name, size: visit.status.size, in: visit.slot.folder.key)
        }
        return nil
    }

    private mutating func formerName(of visit: Visit, in journal: Journal) -> JournalItem? {
        guard visit.status.size >= Namesakes.bytesMin, visit.slot.folder.isKnown, let last = frames.indices.last else {
            return nil
        }
        let names = frames[last].formerNames ?? FormerNames(of: visit.slot.folder.key, in: journal)
        frames[last].formerNames = names
        return names.item(inode: visit.status.inode, size: visit.status.size)
    }

    private func take(_ visit: Visit, in folder: FolderNode, _ namesake: JournalItem?) throws(CairnError) {
        var group: UInt64?
        if visit.status.linkCount > 1 {
            guard case .first(let number) = try claim(visit) else { return }
            group = number
        }
        if let item = try trusted(visit) {
            try takeOver(item, visit, group, in: folder)
        } else if visit.status.isRegular {
            files.submit(
                FileJob(
                    slot: visit.slot, folder: folder, name: visit.name, seen: visit.status, old: visit.old,
                    namesake: namesake,
                    isExpected: visit.old?.isTrusted(visit.status, scan.request.tolerance) ?? false, group: group,
                    source: visit.isSource ? visit.source : nil))
        } else {
            try takeSpecial(visit, group, in: folder)
        }
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
            let file = finished.file(at: visit.slot.key), file.item.isTrusted(visit.status, scan.request.tolerance),
            let entry = try? file.item.entry(), try scan.makeStored(entry, lists: file.lists)
        else { return nil }
        return file.item
    }

    private func takeOver(
        _ item: JournalItem, _ visit: Visit, _ group: UInt64?, in folder: FolderNode
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
                let attributes = try scan.making.attributes(of: visit.name, in: folder.opened().descriptor)
                entry = scan.making.entry(visit.slot.name, visit.status, entry.node, attributes: attributes)
            } catch {
                scan.report(folder.path(of: visit.name), error)
                return try drop(visit, group)
            }
        }
        entry.linkGroup = group
        try keep(entry, visit, isFresh: false, group)
    }

    private func keep(_ entry: TreeEntry, _ visit: Visit, isFresh: Bool, _ group: UInt64?) throws(CairnError) {
        scan.countDone(visit.status)
        let (_, outcome) = try scan.note(
            entry, visit.status, isFresh: isFresh, old: visit.old, in: visit.slot.folder, path: visit.slot.path,
            source: visit.isSource ? visit.source : nil)
        if let group { try scan.links.settle(group, entry) }
        try scan.settle(visit.slot, outcome)
    }

    // MARK: Links, pipes, devices

    private func takeSpecial(_ visit: Visit, _ group: UInt64?, in folder: FolderNode) throws(CairnError) {
        let made: (TreeEntry.Node?, [ExtendedAttribute])
        do throws(PosixError) {
            let open = try folder.opened()
            made = (
                try scan.making.node(visit.name, visit.status, in: open.descriptor),
                try scan.making.attributes(of: visit.name, in: open.descriptor)
            )
        } catch {
            scan.report(folder.path(of: visit.name), error)
            return try drop(visit, group)
        }
        guard let special = made.0 else {
            scan.report(folder.path(of: visit.name), .access, "it is of a kind that no snapshot holds")
            return try drop(visit, group)
        }
        let entry = scan.making.entry(
            visit.slot.name, visit.status, special, attributes: made.1, linkGroup: group)
        try keep(entry, visit, isFresh: visit.status.isFresh(at: visit.moment), group)
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
                    try scan.links.add(group, source: visit.source, path: scan.pathInSource(visit.slot, visit.source))
                }
                scan.countDone(visit.status)
                let (_, outcome) = try scan.note(
                    entry, visit.status, isFresh: visit.status.isFresh(at: visit.moment), old: visit.old,
                    in: visit.slot.folder, path: visit.slot.path, source: visit.isSource ? visit.source : nil)
                try scan.settle(visit.slot, outcome)
            } catch { scan.fail(error) }
        }
        let claim = try scan.links.claim(visit.status, waiter: follow)
        switch claim {
        case .first(let group):
            try scan.links.add(group, source: visit.source, path: scan.pathInSource(visit.slot, visit.source))
        case .known(let entry): follow(entry)
        case .failed: follow(nil)
        case .waiting: break
        }
        return claim
    }

    // MARK: Folders

    /// Begins a folder; nil if nothing in it is taken. One that could not be listed is there, and nobody knows what is in it.
    private func enter(
        _ visit: Visit, _ node: FolderNode, failure: PosixError? = nil
    ) throws(CairnError) -> Frame? {
        var failure = failure
        var attributes: [ExtendedAttribute] = []
        do throws(PosixError) { attributes = try self.attributes(visit, node) } catch { failure = failure ?? error }
        if let failure {
            scan.report(node.path, failure)
            if failure.errno == .noSuchFile || failure.errno == .stale || failure.errno == .notAFolder {
                try scan.settle(visit.slot, .left)
                return nil
            }
        }
        let isKnown = try scan.isKnown(visit.old)
        let own = FolderAssembly.Own(
            status: visit.status, attributes: attributes, isFresh: visit.status.isFresh(at: visit.moment),
            old: visit.old, source: visit.isSource ? visit.source : nil)
        let assembly = scan.assembly(own, place: visit.slot, isKnown: isKnown)
        let earlier = isKnown || scan.request.earlierTree == nil ? nil : (try? visit.old?.entry()).flatMap { $0 }
        let frame = Frame(
            node: node, assembly: assembly, known: known(visit.old, assembly.key, earlier: earlier),
            source: visit.source)
        if failure == nil { return frame }
        try finish(frame)
        return nil
    }

    /// The attributes of a folder, from the journal if nothing about the folder has changed.
    private func attributes(_ visit: Visit, _ node: FolderNode) throws(PosixError) -> [ExtendedAttribute] {
        if !scan.request.tolerance.ignoresChangeTime, let old = visit.old,
            old.isTrusted(visit.status, scan.request.tolerance), let entry = try? old.entry()
        {
            return entry.attributes
        }
        return try scan.making.attributes(of: node.opened().descriptor)
    }

    private func known(_ old: JournalItem?, _ key: FolderKey, earlier: TreeEntry?) -> KnownFolder {
        if let earlier, let tree = scan.request.earlierTree {
            return .tree(scan.trees.entries(of: earlier), isTrusted: tree.isTrusted)
        }
        guard let journal = scan.journal, old?.kind == TreeEntry.Node.code(of: .folder) else { return .nothing }
        return .journal(JournalCursor(key.bytes, in: journal))
    }

    private func finish(_ frame: Frame) throws(CairnError) {
        var known = frame.known
        try known.finish { (item) throws(CairnError) in try scan.forget(item, in: frame.assembly) }
        try scan.seal(frame.assembly)
    }
}
