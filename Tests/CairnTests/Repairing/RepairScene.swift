import ChunkStore
import Crypto
import Posix
import Storage
import TestSupport

@testable import Cairn

extension CheckScene {
    /// The repository as it is now, once more in another folder.
    struct Copy {
        let folder: TemporaryFolder
        let credentials: [Credential]

        func open() throws -> Store {
            try Store.open(
                LocalDirectory(folder.path), credentials: credentials, options: .small(cache: nil))
        }
    }

    func copied() throws -> Copy {
        let folder = try TemporaryFolder()
        for (name, bytes) in try contents() {
            let path = folder.path.appending(name)
            try Folder.makeAll(path.parent)
            try SmallFile.writeNew(path, bytes)
        }
        return Copy(folder: folder, credentials: repository.credentials)
    }

    // MARK: Repairing

    /// What a repair said, in words that are easily compared.
    struct Repaired {
        var findings: Set<String> = []
        var lost: Set<String> = []
        var code: Int
        var summary: RepairSummary
        var events: [RepairEvent]
    }

    /// Opens it as `check` and `repair` do; without a cache nothing is remembered of packs.
    func openToRepair(
        _ storage: (any Storage)? = nil, remembers: Bool = false
    ) throws(StoreError) -> Store {
        var options = remembers ? repository.options : .small(cache: nil)
        options.mendsConfig = false
        return try Store.open(
            storage ?? repository.storage, credentials: repository.credentials, options: options)
    }

    @discardableResult
    func repair(
        remembers: Bool = false, in storage: (any Storage)? = nil, _ change: (inout RepairRequest) -> Void = { _ in }
    ) throws -> Repaired {
        var request = RepairRequest()
        change(&request)
        var events: [RepairEvent] = []
        let store = try openToRepair(storage, remembers: remembers)
        let summary = try RepositoryRepair(store, request).run { events.append($0) }
        var answer = Repaired(
            code: summary.isDamaged ? 5 : summary.isHealed ? 4 : 0, summary: summary, events: events)
        for event in events {
            switch event {
            case .finding(let finding): answer.findings.insert("\(finding.kind) \(finding.weight)")
            case .lost(let item):
                answer.lost.insert(
                    "\(item.snapshot.short.prefix(2)):\(item.path)\(item.part == .directory ? "/" : "")")
            default: break
            }
        }
        return answer
    }

    // MARK: Reading

    /// The files of the snapshots that stand: their digests, and those that cannot be read.
    struct Readable: Equatable {
        var files: [String: SHA256Digest] = [:]
        var broken: Set<String> = []
    }

    /// Reads everything through a store that knows nothing yet.
    func readable(_ storage: (any Storage)? = nil) throws -> Readable {
        let store = try openToRepair(storage)
        let chunks = try store.reader(isTraceless: true)
        defer { chunks.close() }
        let reader = TreeReader(chunks)
        var found = Readable()
        for snapshot in try SnapshotList(store).snapshots {
            let prefix = snapshot.id.short.prefix(2)
            do throws(CairnError) {
                let root = try reader.root(snapshot.manifest.tree)
                var open = [(path: [UInt8](), cursor: reader.entries(of: root))]
                while !open.isEmpty {
                    let last = open.count - 1
                    let next: TreeEntry?
                    do throws(CairnError) { next = try open[last].cursor.next() } catch {
                        found.broken.insert("\(prefix):\(Path(open[last].path))/")
                        continue
                    }
                    guard let entry = next else {
                        open.removeLast()
                        continue
                    }
                    let path = open[last].path + [UInt8(ascii: "/")] + entry.name
                    if case .directory = entry.node { open.append((path, reader.entries(of: entry))) }
                    guard case .file(_, let content, let digest, _) = entry.node else { continue }
                    let hash = SHA256Stream()
                    do throws(CairnError) {
                        try reader.forEachPiece(of: content) { hash.update($0) }
                        if hash.finish() == digest {
                            found.files["\(prefix):\(Path(path))"] = digest
                        } else {
                            found.broken.insert("\(prefix):\(Path(path))")
                        }
                    } catch { found.broken.insert("\(prefix):\(Path(path))") }
                }
            } catch { found.broken.insert("\(prefix):/") }
        }
        return found
    }

    /// Gives up what was forgotten, and the space of it.
    @discardableResult
    func prune(isGraceOver: Bool = true) throws -> PruneOutcome {
        var request = PruneRequest()
        request.isGraceOver = isGraceOver
        request.maxUnused = .bytes(0)
        return try SnapshotPruning(try openToRepair(), request).run()
    }
}

extension CheckScene.Readable {
    /// Whether everything that could be read before still can.
    func keeps(_ before: Self) -> Bool { before.files.allSatisfy { files[$0] == $1 } }
}
