import ChunkStore
import Crypto
import Posix

/// Builds a tree anew without what is lost: files whose bytes are, and names on pages of directories that are. A file whose entry cannot be true counts
/// as lost, and digests are those of the entries. All else stays as it was; directories below which nothing is lost or wrong are taken over unread.
final class TreeMending {
    private let ledger: CheckLedger
    private let reader: TreeReader
    private let cancellation: Cancellation
    private let put: TreePut
    private let onLost: (ItemFailure) -> Void
    private let proof: FileProof

    /// `ledger` knows what is lost and, from ``DamageTrail``, below which chunks nothing is, and from ``SnapshotProof`` below which directories nothing is
    /// wrong. `put` stores a chunk of a tree.
    init(
        _ ledger: CheckLedger, _ reader: TreeReader, _ cancellation: Cancellation,
        put: @escaping TreePut, onLost: @escaping (ItemFailure) -> Void
    ) {
        self.ledger = ledger
        self.reader = reader
        self.cancellation = cancellation
        self.put = put
        self.onLost = onLost
        proof = FileProof(ledger, reader)
    }

    private struct Frame {
        var entry: TreeEntry
        var cursor: EntryCursor
        var builder: DirectoryBuilder
        /// Of the entries as they were.
        let digest = MerkleDigest.Directory()
        var isPartLost = false
    }

    /// The new root entry of a snapshot's tree. Of a root that is lost itself nothing is left: it becomes an empty directory.
    func mend(_ snapshot: Snapshot) throws(CairnError) -> TreeEntry {
        let manifest = snapshot.manifest
        let tree = RootReference(kind: .tree, id: manifest.tree)
        guard try !ledger.isLost(tree) else { return try nothing(of: manifest) }
        var open = [frame(try reader.root(manifest.tree))]
        while true {
            try cancellation.check()
            let last = open.count - 1
            let next: TreeEntry?
            do throws(CairnError) { next = try open[last].cursor.next() } catch {
                guard error.isAboutStored else { throw error }
                // The cursor goes on behind what it could not read.
                open[last].isPartLost = true
                continue
            }
            if let entry = next {
                open[last].digest.add(entry)
                try take(entry, &open)
            } else {
                if open[last].isPartLost {
                    lose(Self.path(open), "names in the directory are lost, and all that is below them")
                } else if case .directory(_, let digest) = open[last].entry.node, digest != open[last].digest.finish() {
                    lose(Self.path(open), "the directory's digest was not that of its entries")
                }
                let entry = try finish(open.removeLast())
                if open.isEmpty { return entry }
                try open[last - 1].builder.append(entry, encoded: entry.encode())
            }
        }
    }

    private func frame(_ entry: TreeEntry) -> Frame {
        Frame(entry: entry, cursor: reader.entries(of: entry), builder: DirectoryBuilder(put: put))
    }

    /// The path of the innermost directory, or of a name in it.
    private static func path(_ open: [Frame], _ name: [UInt8]? = nil) -> [UInt8] {
        TreeEntry.path(of: open.dropFirst().map(\.entry.name) + (name.map { [$0] } ?? []))
    }

    private func take(_ entry: TreeEntry, _ open: inout [Frame]) throws(CairnError) {
        let last = open.count - 1
        var entry = entry
        switch entry.node {
        case .directory(let content, let digest):
            let isProven = try ledger.links(below: CheckLedger.key(ofDirectory: content, digest)) != nil
            guard isProven, try isWhole(content, .page) else { return open.append(frame(entry)) }
        case .file(_, let content, let digest, let holes):
            guard try isWhole(content, .data) else {
                return lose(Self.path(open, entry.name), "bytes of the file are lost")
            }
            if try proof.misnamed(in: entry) != nil {
                guard let (size, content) = try measured(content, digest) else {
                    return lose(
                        Self.path(open, entry.name), "a chunk of the file has another length than its entry said")
                }
                lose(Self.path(open, entry.name), "the entry had wrong lengths: the file is what its SHA-256 says")
                entry.node = .file(size: size, content: content, digest: digest, holes: holes)
            }
            // Holes are zeros of the content too: without their places nothing is lost.
            var areHolesGood = try isWhole(holes, .holes)
            if areHolesGood { areHolesGood = try proof.areHolesProven(of: entry) }
            if !areHolesGood, case .file(let size, let content, _, _) = entry.node {
                entry.node = .file(size: size, content: content, digest: digest, holes: .empty)
            }
        default: break
        }
        try open[last].builder.append(entry, encoded: entry.encode())
    }

    /// A content with the lengths that its chunks have; nil where their bytes are not those of the digest.
    private func measured(
        _ content: Content, _ digest: SHA256Digest
    ) throws(CairnError) -> (size: UInt64, content: Content)? {
        let hash = SHA256Stream()
        var builder = ContentBuilder(put: put)
        var cursor = reader.chunks(of: content)
        while let chunk = try cursor.next() {
            try cancellation.check()
            let length = try storing { () throws(StoreError) in
                try reader.chunks.withChunk(chunk.id) { bytes in
                    hash.update(bytes)
                    return bytes.count
                }
            }
            try builder.append(ChunkReference(id: chunk.id, length: UInt32(length)))
        }
        let size = builder.byteCount
        return hash.finish() == digest ? (size, try builder.finish()) : nil
    }

    private func finish(_ frame: Frame) throws(CairnError) -> TreeEntry {
        var (frame, entry) = (frame, frame.entry)
        let (content, digest) = try frame.builder.finish()
        entry.node = .directory(content: content, digest: digest)
        return entry
    }

    private func lose(_ path: [UInt8], _ message: String) {
        onLost(ItemFailure(path: Path(path), kind: .lost, message: message))
    }

    private func nothing(of manifest: Manifest) throws(CairnError) -> TreeEntry {
        for path in manifest.paths { lose(Array(path.bytes), "everything in the snapshot is lost") }
        let (content, digest) = try DirectoryBuilder.nothing(put: put)
        return TreeEntry(
            name: TreeEntry.rootName, mode: 0o755, userID: 0, groupID: 0,
            modified: FileTime(seconds: manifest.time.seconds, nanoseconds: 0),
            node: .directory(content: content, digest: digest))
    }

    // MARK: What is whole

    /// Whether nothing of a content is lost, nor below it.
    private func isWhole(_ content: Content, _ member: ReachRole.Member) throws(CairnError) -> Bool {
        switch content {
        case .empty: return true
        // Entries that stand inline are looked at one by one.
        case .inline: return member != .page
        case .chunks(let chunks):
            for chunk in chunks {
                switch member {
                case .page:
                    guard try ledger.isClean(ReachedChunk(id: chunk.id, role: .page, length: chunk.length)) else {
                        return false
                    }
                case .data, .holes:
                    let kind: ChunkKind = member == .data ? .data : .tree
                    if try ledger.isLost(RootReference(kind: kind, id: chunk.id)) { return false }
                }
            }
        case .lists(let depth, let lists):
            for list in lists {
                let role = ReachRole.list(of: member, depth: depth)
                guard try ledger.isClean(ReachedChunk(id: list.id, role: role, length: nil)) else { return false }
            }
        }
        return true
    }
}

extension DirectoryBuilder {
    /// A directory without entries.
    fileprivate static func nothing(
        put: @escaping TreePut
    ) throws(CairnError) -> (Content, SHA256Digest) {
        var builder = DirectoryBuilder(put: put)
        return try builder.finish()
    }
}
