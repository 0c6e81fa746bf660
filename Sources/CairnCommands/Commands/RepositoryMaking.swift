internal import ChunkStore
internal import Crypto
internal import Posix
internal import Storage

/// What `init` is asked to make.
struct RepositoryRequest: Sendable {
    enum Encryption: String, CaseIterable, Sendable {
        case aes256GCM = "aes-256-gcm"
        case none
    }

    enum Protection: Sendable {
        case none
        case password(Secret)
        /// A key file that exists.
        case keyFile(Path)
        /// A key file that is to be made.
        case newKeyFile(Path)
    }

    let location: RepositoryLocation
    let protection: Protection
    /// The repository whose cuts the new one takes over.
    let chunkerSource: RepositoryLocation?
}

/// Makes repositories for `init`.
enum RepositoryMaking {
    /// Refuses a place where something is, or inside another repository, whose folder is its own. A place that is not there yet, or cannot be looked
    /// at, is for the making to find out about.
    static func requireVacant(_ location: RepositoryLocation, encryption: RepositoryRequest.Encryption) throws {
        if let other = repository(above: location.path) {
            throw CommandFailure(
                .failed, kind: "storage",
                "\(location.path.printable) is inside the folder of another repository, \(other.printable)",
                path: location.path,
                hint: "choose a place beside that")
        }
        guard let storage = try? LocalDirectory(location.path) else { return }
        try Store.requireVacant(storage, encryption: encryption == .none ? .none : .aes256GCM)
    }

    private static func repository(above path: Path) -> Path? {
        var place = ((try? Folder.absolute(path)) ?? path).parent
        while true {
            if Store.isThere(at: place) { return place }
            if place.parent == place { return nil }
            place = place.parent
        }
    }

    /// Makes the repository and returns its id in hexadecimal digits.
    static func make(_ request: RepositoryRequest, _ context: CommandContext) throws -> String {
        let options = try RepositoryAccess.options(context)
        let other = try request.chunkerSource.map { try RepositoryAccess.open($0, context) }
        let folder = request.location.path
        // First of all the key: if there is none, nothing of a repository is left behind.
        let (credentials, newKeyFile) = try credentials(request.protection)
        do {
            try makeFolder(folder, "cannot make the folder of the repository")
            let store = try Store.create(
                in: LocalDirectory(folder), encryption: credentials.isEmpty ? .none : .aes256GCM,
                credentials: credentials,
                label: Machine.account, like: other, options: options)
            return store.id.description
        } catch {
            // A key file for a repository that was not made would only mislead.
            if let newKeyFile { try? Folder.remove(newKeyFile) }
            throw error
        }
    }

    /// Makes a repository's folder, and says what is in the way of it.
    static func makeFolder(_ folder: Path, _ purpose: String) throws(CommandFailure) {
        do throws(PosixError) { try Folder.makeAll(Folder.absolute(folder)) } catch {
            guard let obstacle = Folder.obstacle(to: folder, after: error.errno) else {
                throw CommandFailure(StorageError(error, location: folder.plain, name: ""), purpose)
            }
            throw CommandFailure(
                .failed, kind: "storage", "\(purpose) \(folder.printable): \(obstacle.sentence(about: folder))",
                path: folder, hint: "choose another place")
        }
    }

    /// What will open the repository; a new key file is on disk, durably, before the repository that needs it.
    private static func credentials(_ protection: RepositoryRequest.Protection) throws -> (
        [Credential], newKeyFile: Path?
    ) {
        switch protection {
        case .none: return ([], nil)
        case .password(let password): return ([.password(password)], nil)
        case .keyFile(let path): return ([try RepositoryAccess.keyFile(path)], nil)
        case .newKeyFile(let path):
            let credential = try NewKeyFile.make(path)
            return ([credential], path)
        }
    }
}
