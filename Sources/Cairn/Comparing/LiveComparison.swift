import Crypto
public import Posix

/// Finds the differences between a part of a snapshot, which is the old tree, and a folder as it is now. Links are not followed.
///
/// Two files of one length count as equal without being read if their times of modification are equal too; where these differ, or
/// where all contents are to be read, their SHA-256 decides. What cannot be read is reported and taken as unchanged, and the rest goes on.
public struct LiveComparison {
    /// When files are read.
    public enum Reading: Sendable, Hashable {
        /// Only where length is equal and time is not.
        case whereTimesDiffer
        /// Wherever the lengths are equal.
        case always
    }

    private let reader: TreeReader
    private let old: TreeEntry
    private let folder: Path
    private let readsAll: Bool
    private let making = EntryMaking(accounts: Accounts())

    /// Compares a directory of a snapshot with a folder.
    public init(_ reader: TreeReader, old: TreeEntry, folder: Path, reading: Reading = .whereTimesDiffer) {
        self.reader = reader
        self.old = old
        self.folder = folder
        readsAll = reading == .always
    }

    /// Calls the body with each difference, in the order of paths. Of a live file that is new the digest is not known: it is that of no
    /// bytes. The folder itself counts too, with an empty path, unless it is compared with the root of a snapshot.
    public func run(
        cancellation: Cancellation? = nil, failed: (ItemFailure) -> Void,
        _ body: (TreeChange) throws(CairnError) -> Void
    ) throws(CairnError) {
        guard old.node.isDirectory else {
            throw CairnError(
                .usage, "only a directory of a snapshot can be compared with a folder", path: folder,
                remedy: "name the directory that the file is in")
        }
        let top = FolderNode(path: folder)
        let live: Live
        do throws(PosixError) { live = try self.live(top, name: old.name) } catch {
            throw CairnError(.source, error, path: folder)
        }
        if old.name != TreeEntry.rootName, let change = TreeChange(path: [], old: old, new: live.entry) {
            try body(change)
        }
        var open = [Level(reader, old: old, folder: top, names: live.names, pathLength: 0)]
        var path: [UInt8] = []
        while let last = open.indices.last {
            guard let (old, name) = try open[last].nextPair() else {
                open.removeLast()
                continue
            }
            try cancellation?.check()
            path.removeSubrange(open[last].pathLength...)
            if !path.isEmpty { path.append(UInt8(ascii: "/")) }
            path += name ?? old?.name ?? []
            let folder = open[last].folder
            var live: Live?
            if let name {
                do throws(PosixError) {
                    live = try look(at: Path(name), in: folder, old: old, cancellation)
                } catch {
                    if cancellation?.isCancelled ?? false { throw .cancelled }
                    if error.errno != .noSuchFile {
                        failed(
                            ItemFailure(
                                path: folder.path(of: Path(name)), kind: .access,
                                message: "\(error.call): \(error.errno)"))
                        continue
                    }
                }
            }
            if let change = TreeChange(path: path, old: old, new: live?.entry) { try body(change) }
            let oldDirectory = old?.node.isDirectory == true ? old : nil
            if oldDirectory != nil || live?.folder != nil {
                open.append(
                    Level(
                        reader, old: oldDirectory, folder: live?.folder ?? folder, names: live?.names ?? [],
                        pathLength: path.count))
            }
        }
    }

    /// A live entry; of a folder also what is in it.
    private struct Live {
        var entry: TreeEntry
        var folder: FolderNode?
        var names: [[UInt8]] = []
    }

    private func look(
        at name: Path, in folder: FolderNode, old: TreeEntry?, _ cancellation: Cancellation?
    ) throws(PosixError) -> Live? {
        let opened = try folder.opened()
        let status = try opened.descriptor.status(of: name)
        let bytes = Array(name.bytes)
        switch status.kind {
        case .folder: return try live(folder.child(name), name: bytes)
        case .regular:
            let file = try opened.descriptor.open(name, [.read, .nonBlocking])
            let status = try file.status()
            let digest = try digest(of: file, status, old: old, cancellation)
            return Live(
                entry: making.entry(
                    bytes, status, .file(size: status.size, content: .empty, digest: digest, holes: .empty),
                    attributes: try making.attributes(of: file)))
        default:
            guard let node = try making.node(name, status, in: opened.descriptor) else { return nil }
            let attributes = try making.attributes(of: name, in: opened.descriptor)
            return Live(entry: making.entry(bytes, status, node, attributes: attributes))
        }
    }

    private func live(_ folder: FolderNode, name: [UInt8]) throws(PosixError) -> Live {
        let opened = try folder.opened()
        let entry = making.entry(
            name, try opened.descriptor.status(), .directory(content: .empty, digest: Self.noBytes),
            attributes: try making.attributes(of: opened.descriptor))
        return Live(entry: entry, folder: folder, names: try opened.descriptor.sortedEntries().map(\.name))
    }

    private static let noBytes = SHA256.digest([])

    /// The digest that the comparison needs: the old one where the file counts as unchanged, its own where that has to be known.
    private func digest(
        of file: borrowing FileDescriptor, _ status: FileStatus, old: TreeEntry?, _ cancellation: Cancellation?
    ) throws(PosixError) -> SHA256Digest {
        guard let old, case .file(let size, _, let digest, _) = old.node, size == status.size else {
            return Self.noBytes
        }
        if !readsAll && old.modified == status.modified { return digest }
        file.adviseSequential()
        let stream = SHA256Stream()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            if cancellation?.isCancelled ?? false {
                throw PosixError(call: "read", path: file.path, errno: .interrupted)
            }
            let count = try buffer.withUnsafeMutableBytesThrowing { raw throws(PosixError) in
                let count = try file.read(into: raw)
                stream.update(UnsafeRawBufferPointer(rebasing: raw[..<count]))
                return count
            }
            if count == 0 { return stream.finish() }
        }
    }

    /// A directory of the snapshot and a folder, read side by side; either may be missing.
    private struct Level {
        private var old: EntryCursor?
        private var oldNext: TreeEntry?
        private var names: ArraySlice<[UInt8]>
        private var hasBegun = false
        let folder: FolderNode
        let pathLength: Int

        init(_ reader: TreeReader, old: TreeEntry?, folder: FolderNode, names: [[UInt8]], pathLength: Int) {
            self.old = old.map { reader.entries(of: $0) }
            self.folder = folder
            self.names = names[...]
            self.pathLength = pathLength
        }

        mutating func nextPair() throws(CairnError) -> (old: TreeEntry?, name: [UInt8]?)? {
            if !hasBegun {
                hasBegun = true
                oldNext = try old?.next()
            }
            guard let entry = oldNext else { return names.popFirst().map { (nil, $0) } }
            if let name = names.first, name.precedes(entry.name) { return (nil, names.removeFirst()) }
            oldNext = try old?.next()
            return (entry, names.first == entry.name ? names.removeFirst() : nil)
        }
    }
}
