internal import CommandLine
internal import Posix

/// Where what can be made again is kept: catalogs and journals, a folder for each repository id.
struct CacheLocation: Sendable {
    let path: Path

    /// `--cache-dir`, `CAIRN_CACHE_DIR`, else the user's cache folder.
    static func resolve(_ context: CommandContext) throws(CommandFailure) -> CacheLocation {
        if let given = context.globals.cacheDirectory {
            let path = Path(given.bytes)
            if let obstacle = Folder.obstacle(to: path) {
                throw unusable(given, obstacle.sentence(about: path), context)
            }
            return CacheLocation(path: path)
        }
        guard let path = UserFolders.cache(context.environment) else {
            throw CommandFailure(
                .failed, kind: "no_cache", "there is no HOME to keep the cache in",
                hint: "name a folder with --cache-dir or CAIRN_CACHE_DIR")
        }
        return CacheLocation(path: path)
    }

    /// Everywhere where it may be: in these places no snapshot looks.
    static func places(_ context: CommandContext) throws(CommandFailure) -> [Path] {
        [try resolve(context).path, UserFolders.temporaryCache(context.environment)]
    }

    /// The same for a command that is about to use it: a folder that was named and is missing is made. Where nobody has named one, and the usual place
    /// cannot be written to, as on a machine that is being rescued, a temporary one takes its place.
    static func prepare(_ context: CommandContext, isTold: Bool = false) throws(CommandFailure) -> CacheLocation {
        let cache = try resolve(context)
        guard let given = context.globals.cacheDirectory else {
            return isUsable(cache.path) ? cache : try temporary(insteadOf: cache, context, isTold: isTold)
        }
        do throws(PosixError) { try Folder.makeAll(Folder.absolute(cache.path)) } catch {
            guard ![.inputOutput, .noSpace, .quotaExceeded].contains(error.errno) else {
                // The disk's fault, and not that of whoever named the place.
                throw CommandFailure(
                    error, "cannot make the folder for the cache", kind: "cache",
                    hint: "look after the disk, or name a folder on another one: --cache-dir")
            }
            let obstacle = Folder.obstacle(to: cache.path, after: error.errno)
            let reason = obstacle?.sentence(about: cache.path) ?? "it cannot be made: \(error.errno)"
            throw unusable(given, reason, context)
        }
        return cache
    }

    /// Whether it can be written to, or where it is missing made, as far as can be told without making it: a run that fails early leaves nothing.
    private static func isUsable(_ path: Path) -> Bool {
        var place = path
        while (try? Folder.status(place)) == nil, place.parent != place { place = place.parent }
        return Folder.isWritable(place)
    }

    /// Others may make names there too, and what is in a cache is nobody's business: it has to be the user's own folder.
    private static func temporary(
        insteadOf usual: CacheLocation, _ context: CommandContext, isTold: Bool
    ) throws(CommandFailure) -> CacheLocation {
        let path = UserFolders.temporaryCache(context.environment)
        let trouble = "the cache cannot be kept in \(usual.path.printable)"
        let hint = "name a folder that you may write to: --cache-dir"
        let status: FileStatus
        do throws(PosixError) {
            try Folder.make(path)
            status = try Folder.linkStatus(path)
        } catch { throw CommandFailure(error, "\(trouble), and another cannot be made", kind: "cache", hint: hint) }
        guard status.isFolder, status.userID == Machine.userID, status.mode & 0o077 == 0 else {
            throw CommandFailure(
                .failed, kind: "cache", "\(trouble), and \(path.printable) is not yours alone", path: path, hint: hint)
        }
        if !isTold {
            context.console.warn("\(trouble), which cannot be written to; it is in \(path.printable) for now")
        }
        return CacheLocation(path: path)
    }

    /// A place that was named and cannot hold a cache.
    private static func unusable(
        _ given: ArgumentValue, _ reason: String, _ context: CommandContext
    ) -> CommandFailure {
        let place =
            switch context.globals.source(\.cacheDirectory) {
            case .environment(let variable): "in the environment variable \(variable)"
            case .commandLine, nil: "for --cache-dir"
            }
        return CommandFailure(
            .usage, kind: "usage", "invalid value \"\(given.shown)\" \(place): \(reason)", path: Path(given.bytes),
            hint: "name a folder, or one that can be made")
    }

    /// What is kept for one repository.
    struct Entry: Sendable {
        /// The folder's name; it begins with the repository's id.
        let name: String
        let bytes: Int
    }

    /// What is kept, by name; nothing if the folder is not there. Only folders whose names begin with a repository id
    /// count: a folder that somebody named by mistake holds none.
    func entries() throws(PosixError) -> [Entry] {
        var result: [Entry] = []
        for name in try names() {
            result.append(Entry(name: name, bytes: try CacheLocation.size(path.appending(name))))
        }
        return result
    }

    /// Removes what is kept, and nothing else in the folder.
    func clear() throws(PosixError) {
        for name in try names() { try CacheLocation.remove(path.appending(name)) }
    }

    private func names() throws(PosixError) -> [String] {
        do throws(PosixError) {
            return try Folder.entries(of: path).compactMap { entry in
                guard entry.isFolder else { return nil }
                let isID = entry.name.count >= 32 && entry.name.prefix(32).allSatisfy(CacheLocation.isHexDigit)
                return isID ? String(validating: entry.name, as: UTF8.self) : nil
            }.sorted()
        } catch {
            guard error.errno == .noSuchFile else { throw error }
            return []
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func size(_ folder: Path) throws(PosixError) -> Int {
        var sum = 0
        for entry in try entriesIfThere(folder) {
            let inside = folder.appending(Path(entry.name))
            if entry.isFolder {
                sum += try size(inside)
            } else if let status = try? Folder.status(inside), status.isRegular {
                sum += Int(clamping: status.size)
            }
        }
        return sum
    }

    private static func remove(_ folder: Path) throws(PosixError) {
        for entry in try entriesIfThere(folder) {
            let inside = folder.appending(Path(entry.name))
            if entry.isFolder {
                try remove(inside)
            } else {
                try unlessGone { () throws(PosixError) in try Folder.remove(inside) }
            }
        }
        try unlessGone { () throws(PosixError) in try Folder.removeEmpty(folder) }
    }

    /// Others may use the cache, or clear it, at the same time: what is gone is gone, and what they have made since then is theirs.
    private static func unlessGone(_ body: () throws(PosixError) -> Void) throws(PosixError) {
        do throws(PosixError) { try body() } catch {
            if error.errno != .noSuchFile && error.errno != .folderNotEmpty { throw error }
        }
    }

    private static func entriesIfThere(_ folder: Path) throws(PosixError) -> [Folder.Entry] {
        do throws(PosixError) { return try Folder.entries(of: folder) } catch {
            if error.errno == .noSuchFile { return [] }
            throw error
        }
    }
}
