internal import ChunkStore
internal import CommandLine
internal import Posix
internal import Storage

/// Opens the repository that a command is about.
enum RepositoryAccess {
    /// Opens a repository with what options and environment give, and prints what should be known of it. A check or repair says itself what it
    /// finds, and leaves the config as it is; so does a dry run.
    static func open(
        _ location: RepositoryLocation, _ context: CommandContext, compression: CompressionLevel = .automatic,
        isCheck: Bool = false, isDryRun: Bool = false
    ) throws -> Store {
        try openWithCredential(location, context, compression: compression, isCheck: isCheck, isDryRun: isDryRun).store
    }

    /// The same, and what opened it; nothing did where it is not encrypted. From here on signals ask the run to end: deriving a key from a
    /// password takes a while.
    static func openWithCredential(
        _ location: RepositoryLocation, _ context: CommandContext, compression: CompressionLevel = .automatic,
        isCheck: Bool = false, isDryRun: Bool = false
    ) throws -> (store: Store, credential: Credential?) {
        Interruption.install()
        do {
            let opened = try find(location, context, compression, mendsConfig: !isCheck && !isDryRun)
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
        mendsConfig: Bool
    ) throws -> (store: Store, credential: Credential?) {
        let storage = try reach(location)
        var options = try options(context, compression: compression)
        options.mendsConfig = mendsConfig
        do {
            let store = try Store.open(storage, credentials: [], options: options)
            guard !RepositoryKey.isGiven(context) else { throw CommandFailure.notEncrypted(location) }
            return (store, nil)
        } catch let error as StoreError {
            if error.code == .noRepository { throw location.missing }
            guard error.code == .wrongKey else { throw error }
        }
        var triesLeft = passwordTries
        while true {
            let given = try RepositoryKey.given(context)
            let key = try given ?? RepositoryKey.ask(for: location, context)
            let credential = try credential(key)
            do throws(StoreError) {
                return (try Store.open(storage, credentials: [credential], options: options), credential)
            } catch {
                guard error.code == .wrongKey else { throw error }
                triesLeft -= 1
                var refusal = refusal(of: key, at: location, error)
                guard given == nil else { throw refusal }
                refusal.hint = "if it has a key file, --key-file names it"
                guard triesLeft > 0 else { throw refusal }
                context.console.writeError("that is not the password; once more\n")
            }
        }
    }

    private static func reach(_ location: RepositoryLocation) throws -> LocalDirectory {
        do throws(StorageError) { return try LocalDirectory(location.path) } catch {
            if error.code == .notFound { throw location.missing }
            throw CommandFailure(error, "cannot reach the repository")
        }
    }

    /// How often a person may type a password.
    private static let passwordTries = 3

    /// Opens another repository that a command takes something from. A key is needed only where it is encrypted: the one that is given for it,
    /// else that of the repository at work, which also opens a copy of this.
    static func openOther(
        _ location: RepositoryLocation, _ context: CommandContext, own: Credential?, key: () throws -> RepositoryKey?
    ) throws -> Store {
        let storage = try reach(location)
        let options = try options(context, isCacheTold: true)
        do throws(StoreError) { return try Store.open(storage, credentials: [], options: options) } catch {
            if error.code == .noRepository { throw location.missing }
            guard error.code == .wrongKey else { throw error }
        }
        let hint = "give the key of that repository: --from-key-file, --from-password-file or --from-password-command"
        let key = try key()
        let credentials = try key.map { [try credential($0)] } ?? own.map { [$0] } ?? []
        do throws(StoreError) { return try Store.open(storage, credentials: credentials, options: options) } catch {
            guard error.code == .wrongKey else { throw error }
            if let key { throw refusal(of: key, at: location, error) }
            let place = location.path.printable
            let message =
                own == nil
                ? "the repository at \(place), which --from names, is encrypted"
                : "the repository at \(place), which --from names, has another key than the one to repair"
            throw CommandFailure(.noKey, kind: "wrong_key", message, path: location.path, hint: hint)
        }
    }

    /// The failure of a key that does not fit: which one it was.
    private static func refusal(
        of key: RepositoryKey, at location: RepositoryLocation, _ error: StoreError
    ) -> CommandFailure {
        var failure = CommandFailure(error)
        let place = location.path.printable
        failure.message =
            switch key {
            case .keyFile(let file): "the key file \(file.printable) opens no key of the repository at \(place)"
            case .password: "wrong password for the repository at \(place)"
            }
        return failure
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
            guard error.errno == .fileTooLarge else {
                throw CommandFailure(error, "cannot read the key file", code: .noKey, kind: "key_file")
            }
            // Whatever is so long is none.
            text = []
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
        _ context: CommandContext, compression: CompressionLevel = .automatic, isCacheTold: Bool = false
    ) throws -> StoreOptions {
        StoreOptions(
            cacheFolder: try CacheLocation.prepare(context, isTold: isCacheTold).path,
            memoryBytes: context.globals.memory,
            jobs: context.globals.jobs ?? Machine.processorCount, compression: compression)
    }
}

extension CommandFailure {
    /// Whoever gives a key expects secrets to be kept. A repository without encryption may have been put in the place of another, so that they are not.
    fileprivate static func notEncrypted(_ location: RepositoryLocation) -> CommandFailure {
        CommandFailure(
            .noKey, kind: "not_encrypted",
            "the repository at \(location.path.printable) is not encrypted, though a key or password was given",
            path: location.path,
            hint:
                "if it never was, leave the key out, also in the environment; if it was, another one has been put in its place"
        )
    }
}
