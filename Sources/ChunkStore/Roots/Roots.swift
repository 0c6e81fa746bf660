internal import Bytes
internal import Crypto
internal import Storage

/// Something that is to be kept: a name, the chunks that it points to, and what its writer wants to remember.
public struct Root: Hashable, Sendable {
    /// The file's name: the SHA-256 of its bytes, in hexadecimal.
    public let id: String
    /// The name that was given.
    public let name: [UInt8]
    /// When it was written, Unix nanoseconds.
    public let written: Int64
    /// What it points to.
    public let references: [RootReference]
    /// What its writer wants to remember.
    public let payload: [UInt8]
    /// Whether one of the file's two copies is damaged.
    public let isHalfDamaged: Bool
}

/// The files in `manifests/`.
struct Roots {
    static let folder = "manifests"
    /// What can be done about a root that cannot be read.
    static let remedy =
        "bring it back from a copy of the repository, or let \"cairn repair --recover\" make a new snapshot of what it held; "
        + "then forget it by the digits of its file's name"

    private let repository: Repository

    init(_ repository: Repository) { self.repository = repository }

    /// Writes a root. It is durable when this returns.
    func write(_ content: RootContent, temporaryName: String) throws(StoreError) -> Root {
        guard (1...Limits.rootNameBytes).contains(content.name.count),
            content.references.count <= Limits.rootReferences,
            content.payload.count <= Limits.rootPayloadBytes
        else {
            throw StoreError(.usage, "a root's name, references or payload are too many or too few")
        }
        let record = try Record(
            Header(.manifest, envelope: repository.mode.envelope, kind: 0), clear: [], content: content.encoded,
            repository: repository.id, inputKey: repository.masterKey)
        let file = record.encoded
        let id = SHA256.digest(file).hex
        try storing { () throws(StorageError) in
            try repository.storage.write(file, as: "\(Self.folder)/\(id)", temporaryName: temporaryName)
        }
        return Root(id: id, content, isHalfDamaged: false)
    }

    /// The ids of all roots, also of those that cannot be read, in no order.
    func ids() throws(StoreError) -> [String] {
        // What is no file and has a root's name stands where a root was: whoever reads it is told so.
        let files = try storing { () throws(StorageError) in
            try repository.storage.list(Self.folder, recursive: false).map(\.name)
                + repository.storage.oddNames(in: Self.folder)
        }
        if files.isEmpty, try storing({ () throws(StorageError) in try repository.storage.names() }).isEmpty {
            throw StoreError(
                .noRepository, "the repository is no longer here", path: repository.storage.location,
                remedy: "bring back the disk or folder that it lies on")
        }
        return files.map { String($0.dropFirst(Self.folder.count + 1)) }.filter { SHA256Digest(hex: $0) != nil }
    }

    /// All roots that can be read, oldest first, and what hinders reading the others.
    func all() throws(StoreError) -> (roots: [Root], failures: [StoreError]) {
        var roots: [Root] = []
        var failures: [StoreError] = []
        var seen: Set<String> = []
        var isWhole = false
        while !isWhole {
            isWhole = true
            for id in try ids() where seen.insert(id).inserted {
                do throws(StoreError) { roots.append(try read(id)) } catch {
                    // One that vanished since the listing was forgotten: no damage. Or another took its place, and the listing may have
                    // missed that one.
                    if error.code == .missing { isWhole = false } else { failures.append(error) }
                }
            }
        }
        return (roots.sorted { ($0.written, $0.id) < ($1.written, $1.id) }, failures)
    }

    /// Reads one root.
    func read(_ id: String) throws(StoreError) -> Root { try read(id, at: "\(Self.folder)/\(id)") }

    /// Reads a root where it lies.
    func read(_ id: String, at name: String) throws(StoreError) -> Root {
        let path = "\(repository.storage.location)/\(name)"
        do throws(StoreError) {
            let file = try storing { () throws(StorageError) in
                try repository.storage.read(name, limit: Limits.recordFileBytes)
            }
            return try decode(file, id: id, path: path).root
        } catch {
            guard error.code == .damaged, error.remedy == nil else { throw error }
            throw StoreError(.damaged, error.message, path: error.path, remedy: Self.remedy)
        }
    }

    /// The root that a file holds, and the good one of its two copies.
    func decode(_ file: [UInt8], id: String, path: String) throws(StoreError) -> (root: Root, record: Record) {
        let finding = try Record.decode(.manifest, file, path: path)
        guard finding.record.header.envelope == repository.mode.envelope else {
            throw .damaged("the manifest", path: path, "it is not sealed as this repository's manifests are")
        }
        guard let bytes = try finding.record.content(repository: repository.id, inputKey: repository.masterKey) else {
            throw .damaged("the manifest", path: path, "it was not sealed with this repository's key")
        }
        do throws(MalformedBytes) {
            let root = Root(id: id, try RootContent(bytes), isHalfDamaged: finding.isHalfDamaged)
            return (root, finding.record)
        } catch { throw .damaged("the manifest", path: path, error) }
    }

    /// Removes a root; what only it reached is no longer kept.
    func remove(_ id: String) throws(StoreError) {
        guard SHA256Digest(hex: id) != nil else { throw StoreError(.usage, "\"\(id)\" is not the id of a root") }
        try storing { () throws(StorageError) in
            try repository.storage.remove("\(Self.folder)/\(id)")
            try repository.storage.synchronize(Self.folder)
        }
    }
}

extension Root {
    init(id: String, _ content: RootContent, isHalfDamaged: Bool) {
        self.init(
            id: id, name: content.name, written: content.written, references: content.references,
            payload: content.payload,
            isHalfDamaged: isHalfDamaged)
    }
}
