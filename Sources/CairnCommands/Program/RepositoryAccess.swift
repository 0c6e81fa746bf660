internal import ChunkStore
internal import CommandLine
internal import Posix
internal import Storage

/// Opens the repository that a command is about.
enum RepositoryAccess {
    /// Opens a repository with what options and environment give, and prints what should be known of it. A check or repair says itself what it
    /// finds, and leaves the config as it is.
    static func open(
        _ location: RepositoryLocation, _ context: CommandContext, compression: CompressionLevel = .automatic,
        isCheck: Bool = false
    ) throws -> Store {
        try openWithCredential(location, context, compression: compression, isCheck: isCheck).store
    }

    /// The same, and what opened it; nothing did where it is not encrypted. From here on signals ask the run to end: deriving a key from a
    /// password takes a while.
    static func openWithCredential(
        _ location: RepositoryLocation, _ context: CommandContext, compression: CompressionLevel = .automatic,
        isCheck: Bool = false
    ) throws -> (store: Store, credential: Credential?) {
        Interruption.install()
        do {
            let opened = try find(location, context, compression, isCheck: isCheck)
            try Interruption.check()
            if !isCheck { opened.store.warnings.forEach(context.damage.add) }
            return opened
        } catch {
            // Whoever wished it to end need not hear that the password was wrong too.
            try Interruption.check()
            throw error
        }
    }

    private static func find(
        _ location: RepositoryLocation, _ context: CommandContext, _ compression: CompressionLevel,
        isCheck: Bool
    ) throws -> (store: Store, credential: Credential?) {
        let storage: LocalDirectory
        do throws(StorageError) { storage = try LocalDirectory(location.path) } catch {
            if error.code == .notFound { throw location.missing }
            throw CommandFailure(error, "cannot reach the repository")
        }
        var options = try options(context, compression: compression)
        options.mendsConfig = !isCheck
        do throws(StoreError) {
            return (try Store.open(storage, credentials: [], options: options), nil)
        } catch {
            if error.code == .noRepository { throw location.missing }
            guard error.code == .wrongKey else { throw error }
        }
        let credential = try credential(RepositoryKey.resolve(context, for: location))
        return (try Store.open(storage, credentials: [credential], options: options), credential)
    }

    /// Opens another repository that a command takes something from. Its key is asked for only where it is encrypted.
    static func openOther(
        _ location: RepositoryLocation, _ context: CommandContext, key: () throws -> RepositoryKey?
    ) throws -> Store {
        let storage: LocalDirectory
        do throws(StorageError) { storage = try LocalDirectory(location.path) } catch {
            if error.code == .notFound { throw location.missing }
            throw CommandFailure(error, "cannot reach the repository")
        }
        let options = try options(context)
        do throws(StoreError) { return try Store.open(storage, credentials: [], options: options) } catch {
            if error.code == .noRepository { throw location.missing }
            guard error.code == .wrongKey, let key = try key() else { throw error }
            return try Store.open(storage, credentials: [try credential(key)], options: options)
        }
    }

    private static func credential(_ key: RepositoryKey) throws -> Credential {
        switch key {
        case .keyFile(let path): try keyFile(path)
        case .password(let password): .password(password)
        }
    }

    /// Reads a key file.
    static func keyFile(_ path: Path) throws -> Credential {
        let text: [UInt8]
        do throws(PosixError) { text = try SmallFile.read(path, limit: 4_096) } catch {
            throw CommandFailure(error, "cannot read the key file", code: .noKey, kind: "key_file")
        }
        guard let credential = KeyFileText.parse(text) else {
            throw CommandFailure(
                .noKey, kind: "key_file", "\(path.printable) is not a key file", path: path,
                hint: "a key file is one line: cairn-key-1 and 64 hexadecimal digits")
        }
        return credential
    }

    /// What the global options say of memory, processors and cache.
    static func options(
        _ context: CommandContext, compression: CompressionLevel = .automatic
    ) throws -> StoreOptions {
        StoreOptions(
            cacheFolder: try CacheLocation.prepare(context).path, memoryBytes: context.globals.memory,
            jobs: context.globals.jobs ?? Machine.processorCount, compression: compression)
    }
}
