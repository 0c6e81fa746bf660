internal import ChunkStore
internal import CommandLine
internal import Posix
internal import Storage

extension RepositoryAccess {
    /// Opens a repository; the embedded default is made if it is missing, and if that was allowed or a person is there to
    /// read that it was made.
    static func openOrMakeDefault(
        _ location: RepositoryLocation, _ context: CommandContext, isAllowed: Bool,
        compression: CompressionLevel = .automatic
    ) throws -> Store {
        do {
            return try open(location, context, compression: compression)
        } catch let failure as CommandFailure {
            guard failure.code == .noRepository, location.origin == .embedded, isAllowed || context.isPersonThere else {
                throw failure
            }
        }
        do {
            let store = try makeDefault(location, context, compression)
            context.console.note(
                "made a private repository, not encrypted, at \(location.path.printable); "
                    + "for an encrypted one elsewhere: cairn init -r LOCATION")
            return store
        } catch let error as StoreError {
            // Another process was quicker, or something else is in the way, which opening then says.
            guard error.code == .alreadyExists, let store = try? open(location, context, compression: compression)
            else { throw error }
            return store
        }
    }

    private static func makeDefault(
        _ location: RepositoryLocation, _ context: CommandContext, _ compression: CompressionLevel
    ) throws -> Store {
        let options = try options(context, compression: compression)
        try RepositoryMaking.makeFolder(location.path, "cannot make the folder of the default repository")
        // The folder may have been there, with other permissions.
        do throws(PosixError) { try Folder.setMode(location.path, 0o700) } catch {
            throw CommandFailure(error, "cannot make private the folder")
        }
        return try Store.create(
            in: LocalDirectory(location.path), encryption: .none, credentials: [], options: options)
    }
}

extension CommandContext {
    /// Whether a person reads what is said beside the data.
    var isPersonThere: Bool { console.isErrorTerminal && !globals.json && !globals.quiet }
}
