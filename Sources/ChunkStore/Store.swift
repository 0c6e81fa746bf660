internal import Bytes
internal import Chunking
public import Posix
internal import SQLite
public import Storage

/// What a caller may choose when a store is opened.
public struct StoreOptions: Sendable {
    /// The folder that keeps catalogs; nil puts this store's into a temporary file that goes when the store does.
    public var cacheFolder: Path?
    /// The memory that the store may take, at least 64 MiB.
    public var memoryBytes: Int
    /// How many processors it may keep busy.
    public var jobs: Int
    /// How hard new blocks are compressed.
    public var compression: CompressionLevel
    /// Whether a config that is lost is written anew, from a key that has a copy, when the repository is opened.
    public var mendsConfig = true
    /// Other values than the measured ones, for measuring them.
    package var tuning = StoreTuning()

    /// Makes options.
    public init(
        cacheFolder: Path? = nil, memoryBytes: Int = 256 << 20, jobs: Int = Machine.processorCount,
        compression: CompressionLevel = .automatic
    ) {
        self.cacheFolder = cacheFolder
        self.memoryBytes = memoryBytes
        self.jobs = max(1, jobs)
        self.compression = compression
    }
}

/// A store of chunks in a repository. Any thread may call.
///
/// ```swift
/// let store = try Store.open(LocalDirectory("/srv/store"), credentials: [.password("…")])
/// let session = try store.write(for: "example")
/// let id = try session.put(bytes)
/// try session.commit(Array("today".utf8), references: [RootReference(kind: .data, id: id)])
/// session.close()
/// let same = try store.reader().get(id)
/// ```
public final class Store: Sendable {
    let repository: Repository
    private let options: StoreOptions
    let budget: Budget
    private let catalogs = Monitor<Catalog?>(nil)

    /// What was found on opening that does not hinder, yet should be known: a damaged copy of something that has two, for example.
    public let warnings: [StoreError]

    /// The folder or place of the repository.
    public var location: String { repository.storage.location }
    /// The repository's id.
    public var id: RepositoryID { repository.id }
    /// How the content is sealed.
    public var encryption: EncryptionMode { repository.mode }

    private init(_ repository: Repository, options: StoreOptions, warnings: [StoreError]) throws(StoreError) {
        self.repository = repository
        self.options = options
        self.warnings = warnings
        budget = try Budget(options, profile: repository.profile)
        try KnownRepositories(options.cacheFolder).confirm(repository)
    }

    /// Throws `.alreadyExists` where no repository can be made because something is there. Making one looks too: this is
    /// for asking before a person is asked for a password.
    public static func requireVacant(_ storage: any Storage, encryption: EncryptionMode) throws(StoreError) {
        try Repository.requireVacant(storage, mode: encryption)
    }

    /// Makes a repository in an empty place and opens it. Encrypted ones need at least one credential, others none. With `like`, chunks are
    /// cut as in that repository, so that the two can share them when they are copied.
    public static func create(
        in storage: any Storage, encryption: EncryptionMode, credentials: [Credential], label: String = "",
        like other: Store? = nil, options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        // What cannot be opened with these options is not made either.
        _ = try Budget(options, profile: other?.repository.profile ?? options.tuning.profile)
        let repository = try Repository.make(
            in: storage, mode: encryption, credentials: credentials, label: label, like: other?.repository,
            profile: options.tuning.profile)
        return try Store(repository, options: options, warnings: [])
    }

    /// Opens the repository in a place with the first credential that fits.
    public static func open(
        _ storage: any Storage, credentials: [Credential] = [], options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        let (repository, warnings) = try Repository.open(
            storage, credentials: credentials, mended: options.mendsConfig)
        return try Store(repository, options: options, warnings: warnings)
    }

    // MARK: Chunks

    /// Begins to put chunks. `command` tells others, in the lease, what is going on.
    public func write(for command: String) throws(StoreError) -> WriteSession {
        let lease = try Lease(for: command, in: repository.storage)
        Sweeper(storage: repository.storage, own: lease).sweep()
        let catalog = try catalog()
        try catalog.synchronize(.all, forWriting: true)
        return try WriteSession(repository, catalog: catalog, lease: lease, budget: budget, level: options.compression)
    }

    /// Begins to find out what a session would store: chunks are cut, hashed and looked up, and nothing is written. It cannot commit.
    public func rehearse() throws(StoreError) -> WriteSession {
        let catalog = try catalog()
        try catalog.synchronize(.all)
        return try WriteSession(repository, catalog: catalog, lease: nil, budget: budget, level: options.compression)
    }

    /// Begins to get chunks. Where no lease can be written, it goes without.
    /// With `isTraceless` it goes without in any case, and writes nothing. Whoever reads for long, and writes nothing meanwhile, can give decoded
    /// blocks more of the memory: `cacheBytes`.
    public func reader(
        for command: String = "read", isTraceless: Bool = false, cacheBytes: Int? = nil
    ) throws(StoreError) -> ChunkReader {
        let lease = isTraceless ? nil : try? Lease(for: command, in: repository.storage)
        let catalog = try catalog()
        try catalog.synchronize(.all)
        return try ChunkReader(repository, catalog: catalog, lease: lease, budget: budget, cacheBytes: cacheBytes)
    }

    /// Brings the catalog in line with the packs; returns what hinders reading some of them.
    @discardableResult
    public func synchronize() throws(StoreError) -> [StoreError] { try catalog().synchronize(.all) }

    /// Calls the body with every chunk that is stored: id, kind and length, in the order of ids; one that has several copies comes
    /// as often. The body may call the store; what is stored meanwhile may or may not be seen.
    public func forEachChunk(_ body: (ChunkID, ChunkKind, Int) -> Void) throws(StoreError) {
        let catalog = try catalog()
        try catalog.synchronize(.all)
        var last: CatalogConnection.ChunkRow?
        while true {
            // In portions, so that nothing of the catalog is held while the body runs.
            let rows = try catalog.read { (connection) throws(SQLiteError) in
                try connection.chunks(after: last, atMost: 4_096)
            }
            for row in rows { body(row.id, row.kind, row.length) }
            guard let end = rows.last else { return }
            last = end
        }
    }

    /// The folder for what can be made again about this repository, in the cache; nil where there is no cache. A copied repository has
    /// its own, for the folder's name holds the identity of the config file beside the repository's id.
    public func cacheFolder() throws(StoreError) -> Path? {
        guard let folder = options.cacheFolder else { return nil }
        let identity: String
        do throws(StorageError) { identity = try repository.storage.identity(of: Repository.configName) } catch {
            // It was opened with what a key knows, and is to be left so: nothing is remembered of it.
            if error.code == .notFound && !options.mendsConfig { return nil }
            throw StoreError(error)
        }
        return folder.appending("\(repository.id)-\(identity)")
    }

    /// A text that stays the same as long as no pack is known to have been lost. Who remembers that chunks are stored need not look them up
    /// again while this text, and a root that reaches them, stand.
    public func lossMark() throws(StoreError) -> String {
        try catalog().read { (connection) throws(SQLiteError) in try connection.lossMark() }
    }

    var compression: CompressionLevel { options.compression }

    func catalog() throws(StoreError) -> Catalog {
        try catalogs.withLock { known throws(StoreError) in
            if let known { return known }
            let catalog = try Catalog(repository, cacheFolder: try cacheFolder(), budget: budget)
            known = catalog
            return catalog
        }
    }

    // MARK: Roots

    /// All roots that can be read, oldest first, and what hinders reading the others.
    public func roots() throws(StoreError) -> (roots: [Root], failures: [StoreError]) { try Roots(repository).all() }

    /// The ids of all roots: who knows those of last time sees whether roots have come or gone.
    public func rootIDs() throws(StoreError) -> [String] { try Roots(repository).ids() }

    /// The latest root of a name; nil if there is none.
    public func root(named name: [UInt8]) throws(StoreError) -> Root? {
        try roots().roots.last { $0.name == name }
    }

    /// Removes a root by its id. What only it reached is no longer kept.
    public func removeRoot(_ id: String) throws(StoreError) { try Roots(repository).remove(id) }
}

extension Budget {
    fileprivate init(_ options: StoreOptions, profile: Profile) throws(StoreError) {
        try self.init(
            totalBytes: options.memoryBytes, jobs: options.jobs, longestChunkBytes: profile.longestChunkBytes,
            tuning: options.tuning)
    }
}
