import Bytes
import ChunkStore
import Crypto
import Posix

/// Computes digests anew: of every directory from its entries, and of every snapshot from its sources and hard links (FORMAT.md, section 13). A
/// directory that was proven once is proven wherever it is met again: its content and its digest are all that it depends on.
final class SnapshotProof {
    private let ledger: CheckLedger
    private let reader: TreeReader
    private let cancellation: Cancellation
    private let tell: (CheckFinding) -> Void
    /// Directories that were proven.
    private(set) var directories = 0
    private var weight = StoreFinding.Weight.damage
    private var wrong = Wrong()

    init(
        _ ledger: CheckLedger, _ reader: TreeReader, _ cancellation: Cancellation,
        tell: @escaping (CheckFinding) -> Void
    ) {
        self.ledger = ledger
        self.reader = reader
        self.cancellation = cancellation
        self.tell = tell
    }

    /// What is known of a directory and all that is below it.
    private struct Outcome {
        var hasLinks = false
        /// Whether all of it could be read and proven.
        var isProven = true

        mutating func add(_ other: Outcome) {
            hasLinks = hasLinks || other.hasLinks
            isProven = isProven && other.isProven
        }
    }

    private struct Frame {
        let name: [UInt8]
        let key: [UInt8]
        let expected: SHA256Digest
        var cursor: EntryCursor
        let digest = MerkleDigest.Directory()
        /// Whether every page could be read.
        var isWhole = true
        var outcome = Outcome()
    }

    /// What of a snapshot is other than it says.
    struct Wrong {
        /// Directories and files, and the snapshot itself.
        var items = 0
        /// Whether the root hash is.
        var isRoot = false
    }

    /// Proves one snapshot; what is wrong is told with this weight. What cannot be read proves nothing; that it cannot be read is for others to tell.
    func prove(_ snapshot: Snapshot, telling weight: StoreFinding.Weight = .damage) throws(CairnError) -> Wrong {
        (self.weight, wrong) = (weight, Wrong())
        let root: TreeEntry
        do throws(CairnError) { root = try reader.root(snapshot.manifest.tree) } catch {
            guard error.isAboutStored else { throw error }
            return wrong
        }
        let outcome = try prove(root, in: snapshot)
        if outcome.isProven { try proveRoot(snapshot, root, hasLinks: outcome.hasLinks) }
        return wrong
    }

    private func tell(
        _ kind: StoreFinding.Kind, _ message: String, remedy: String, in snapshot: Snapshot, at path: [UInt8]
    ) {
        wrong.items += 1
        tell(
            CheckFinding(
                kind, message, weight: weight, remedy: remedy, snapshot: snapshot.id,
                item: Path(path.isEmpty ? TreeEntry.rootName : path)))
    }

    // MARK: Directories

    private func prove(_ root: TreeEntry, in snapshot: Snapshot) throws(CairnError) -> Outcome {
        var open: [Frame] = []
        if let known = try enter(root, &open) { return known }
        while true {
            try cancellation.check()
            let last = open.count - 1
            let next: TreeEntry?
            do throws(CairnError) { next = try open[last].cursor.next() } catch {
                guard error.isAboutStored else { throw error }
                // The cursor goes on behind what it could not read.
                open[last].isWhole = false
                continue
            }
            if let entry = next {
                open[last].digest.add(entry)
                if entry.linkGroup != nil { open[last].outcome.hasLinks = true }
                if case .file = entry.node, try !prove(entry, in: snapshot, at: Self.path(open, entry.name)) {
                    open[last].outcome.isProven = false
                }
                guard entry.node.isDirectory else { continue }
                if let known = try enter(entry, &open) { open[last].outcome.add(known) }
            } else {
                let outcome = try leave(open, in: snapshot)
                open.removeLast()
                if open.isEmpty { return outcome }
                open[last - 1].outcome.add(outcome)
            }
        }
    }

    /// What is known of a directory; nil where it is to be read, which then has begun.
    private func enter(_ directory: TreeEntry, _ open: inout [Frame]) throws(CairnError) -> Outcome? {
        guard case .directory(let content, let digest) = directory.node else { return Outcome() }
        let key = CheckLedger.key(ofDirectory: content, digest)
        if let links = try ledger.links(below: key) { return Outcome(hasLinks: links) }
        open.append(Frame(name: directory.name, key: key, expected: digest, cursor: reader.entries(of: directory)))
        return nil
    }

    /// Ends the innermost directory.
    private func leave(_ open: [Frame], in snapshot: Snapshot) throws(CairnError) -> Outcome {
        let frame = open[open.count - 1]
        var outcome = frame.outcome
        directories += 1
        if !frame.isWhole {
            outcome.isProven = false
        } else if frame.digest.finish() != frame.expected {
            outcome.isProven = false
            tell(
                .digest, "the directory's digest is not that of its entries", remedy: Self.remedy, in: snapshot,
                at: Self.path(open))
        }
        // What is not proven is looked at again in the next snapshot, which has it at another path perhaps.
        if outcome.isProven { try ledger.prove(frame.key, hasLinks: outcome.hasLinks) }
        return outcome
    }

    /// The path of the innermost directory, or of a name in it.
    private static func path(_ open: [Frame], _ name: [UInt8]? = nil) -> [UInt8] {
        TreeEntry.path(of: open.dropFirst().map(\.name) + (name.map { [$0] } ?? []))
    }

    /// Whether a file's entry can be true: its chunks are as long as it says, its holes lie in it. Tells what is not.
    private func prove(
        _ file: TreeEntry, in snapshot: Snapshot, at path: @autoclosure () -> [UInt8]
    ) throws(CairnError) -> Bool {
        let proof = FileProof(ledger, reader)
        let before = wrong.items
        do throws(CairnError) {
            if let (chunk, stored) = try proof.misnamed(in: file) {
                tell(
                    .tree, "it names chunk \(chunk.id) with \(chunk.length) bytes, and that has \(stored)",
                    remedy: Self.remedy, in: snapshot, at: path())
            }
            if try !proof.areHolesProven(of: file) {
                tell(
                    .tree, "the list of the file's holes makes no sense", remedy: Self.remedy, in: snapshot,
                    at: path())
            }
        } catch { guard error.isAboutStored else { throw error } }
        return wrong.items == before
    }

    // MARK: Snapshots

    private func proveRoot(_ snapshot: Snapshot, _ root: TreeEntry, hasLinks: Bool) throws(CairnError) {
        let hash = try RootHash(
            of: root, sources: snapshot.manifest.paths, hasLinks: hasLinks, reader, cancellation)
        guard hash.digest != snapshot.manifest.rootHash else { return }
        wrong.isRoot = true
        tell(
            .digest, "the snapshot's tree is not the one that its manifest promises: the root hash differs",
            remedy: Self.remedy, in: snapshot, at: [])
    }

    private static let remedy =
        "it was written so or changed by somebody who has the key: compare it with what you know, and take a new snapshot; \"cairn repair --accept-loss\" writes a manifest that names it"
}
