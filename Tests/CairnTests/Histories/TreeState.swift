import Cairn
import Crypto
import Posix

/// What was in a folder: every file and folder below it, and itself under the name of a dot.
struct TreeState: Hashable {
    struct Item: Hashable, CustomStringConvertible {
        let isFolder: Bool
        let mode: UInt32
        let modified: FileTime
        /// Size and SHA-256; nil for a folder.
        let content: Content?

        var description: String {
            let time = "\(modified.seconds) s \(modified.nanoseconds) ns"
            return "\(isFolder ? "folder" : "file") \(String(mode, radix: 8)) \(time) \(content.map { "\($0)" } ?? "")"
        }
    }

    struct Content: Hashable, CustomStringConvertible {
        let byteCount: Int
        let digest: SHA256Digest

        init(byteCount: Int, digest: SHA256Digest) {
            self.byteCount = byteCount
            self.digest = digest
        }

        init(_ bytes: [UInt8]) { self.init(byteCount: bytes.count, digest: SHA256.digest(bytes)) }

        var description: String { "\(byteCount) bytes \(digest.hex.prefix(12))" }
    }

    private(set) var items: [String: Item] = [:]

    var fileCount: Int { items.values.count { !$0.isFolder } }

    /// How another state differs from this one, a line for each difference.
    func differences(of other: TreeState) -> [String] {
        Set(items.keys).union(other.items.keys).sorted().compactMap { name in
            let (expected, found) = (items[name], other.items[name])
            if expected == found { return nil }
            return "\(name): \(found.map { "\($0)" } ?? "nothing"), not \(expected.map { "\($0)" } ?? "nothing")"
        }
    }

    // MARK: Of a folder

    /// Reads a folder on disk, and all of its files, by means of system calls alone.
    init(readingFrom folder: Path) throws {
        items["."] = Item(try Folder.status(folder), nil)
        try read(folder, "")
    }

    private mutating func read(_ path: Path, _ prefix: String) throws {
        let folder = try FileDescriptor.open(path, [.read, .folder])
        for entry in try folder.sortedEntries() {
            let name = Path(entry.name)
            let status = try folder.status(of: name)
            let content = status.isFolder ? nil : try SmallFile.read(path.appending(name), limit: 1 << 30)
            items[prefix + name.string] = Item(status, content.map { Content($0) })
            if status.isFolder { try read(path.appending(name), prefix + name.string + "/") }
        }
    }

    // MARK: Of a snapshot

    /// Goes through a directory of a snapshot. `contents` gives what its files' bytes are.
    init(of directory: TreeEntry, _ trees: TreeReader, _ contents: inout ReadContents) throws {
        var items = [".": try Item(directory, trees, &contents)]
        var problems: [String] = []
        try trees.walk(directory) { path, entry in
            let name = String(decoding: path, as: UTF8.self)
            do { items[name] = try Item(entry, trees, &contents) } catch { problems.append("\(name): \(error)") }
            return true
        }
        self.items = items
        if !problems.isEmpty { throw HistoryTrouble(problems) }
    }
}

extension TreeState.Item {
    fileprivate init(_ status: FileStatus, _ content: TreeState.Content?) {
        self.init(
            isFolder: status.isFolder, mode: status.permissions, modified: status.modified, content: content)
    }

    fileprivate init(_ entry: TreeEntry, _ trees: TreeReader, _ contents: inout ReadContents) throws {
        var read: TreeState.Content?
        var isFolder = false
        switch entry.node {
        case .file(let size, let content, let digest, _):
            read = try contents.read(content, trees)
            // What the snapshot says of the file is no less to be true than its bytes.
            let said = TreeState.Content(byteCount: Int(size), digest: digest)
            if let found = read, found != said {
                throw HistoryTrouble("a file of \(found) is said to be one of \(said)")
            }
        case .directory: isFolder = true
        default: throw HistoryTrouble("neither a file nor a folder: \(entry.node)")
        }
        self.init(isFolder: isFolder, mode: entry.mode, modified: entry.modified, content: read)
    }
}

/// The bytes that were read from a repository since it was changed last, as what they were: what many snapshots share is read once.
struct ReadContents {
    private var known: [Content: TreeState.Content] = [:]

    mutating func read(_ content: Content, _ trees: TreeReader) throws -> TreeState.Content {
        if let known = known[content] { return known }
        let stream = SHA256Stream()
        var count = 0
        try trees.forEachPiece(of: content) { piece in
            stream.update(piece)
            count += piece.count
        }
        let read = TreeState.Content(byteCount: count, digest: stream.finish())
        known[content] = read
        return read
    }
}
