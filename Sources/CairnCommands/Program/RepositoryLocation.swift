internal import CommandLine
internal import Posix

/// Where a repository is, and who said so.
struct RepositoryLocation: Hashable, Sendable {
    enum Origin: Hashable, Sendable {
        /// `--repo`.
        case option
        /// `--repository-file`.
        case file
        /// `CAIRN_REPOSITORY`.
        case environment
        /// Nobody: the private repository in the user's data folder.
        case embedded
        /// An option that names another repository, to take something from: `--from`, `--copy-chunker-from`.
        case source
    }

    let path: Path
    let origin: Origin

    /// What stands before the colon of a location that is no folder.
    private static let schemes = ["sftp", "s3", "rest", "http", "https", "b2", "azure", "gs", "swift", "rclone"]
    private static let locationBytesMax = 64 << 10

    private init(_ path: Path, _ origin: Origin) {
        self.path = path
        self.origin = origin
    }

    /// A location that was written out. A folder with a colon in its name is written with a slash before it.
    init(_ value: ArgumentValue, _ origin: Origin) throws(UsageError) {
        let prefix = value.bytes.prefix { $0 != UInt8(ascii: ":") }
        if prefix.count < value.bytes.count, let scheme = String(validating: prefix, as: UTF8.self),
            RepositoryLocation.schemes.contains(scheme)
        {
            throw UsageError(
                "\"\(value.shown)\" is no folder: repositories behind \(scheme): are not supported yet",
                hint: "name a folder; one with such a name is written ./\(value.shown)")
        }
        self.init(Path(value.bytes), origin)
    }

    /// The location that options and environment name, else the embedded default. Looks at no repository.
    static func resolve(_ context: CommandContext) throws -> RepositoryLocation {
        let globals = context.globals
        let isGiven = globals.source(\.repository) == .commandLine
        if let file = globals.repositoryFile {
            guard !isGiven else { throw UsageError("--repo and --repository-file name two repositories: give one") }
            return try RepositoryLocation(read(Path(file.bytes)), .file)
        }
        if let location = globals.repository {
            return try RepositoryLocation(location, isGiven ? .option : .environment)
        }
        guard let data = UserFolders.data(context.environment) else {
            throw CommandFailure(
                .noRepository, kind: "no_repository", "no repository was named, and there is no HOME to look in",
                hint: "name one with -r LOCATION or CAIRN_REPOSITORY")
        }
        return RepositoryLocation(data.appending("repository"), .embedded)
    }

    /// The failure of a command that finds nothing here.
    var missing: CommandFailure {
        let hint =
            switch origin {
            case .embedded:
                "name one with -r LOCATION or CAIRN_REPOSITORY, or make one: cairn init -r LOCATION; "
                    + "\"cairn snapshot --default-repository\" makes this one, which is not encrypted"
            case .option, .file, .environment:
                "check the location, and that its disk is there; a new repository is made there with cairn init -r LOCATION"
            case .source: "check the location: it must be a repository that is there already"
            }
        return CommandFailure(
            .noRepository, kind: "no_repository", "there is no repository at \(path.printable)", path: path, hint: hint)
    }

    private static func read(_ file: Path) throws -> ArgumentValue {
        let purpose = "cannot read the repository file"
        let line: [UInt8]
        do throws(PosixError) {
            line = Array(try SmallFile.read(file, limit: locationBytesMax).firstLine)
        } catch {
            throw CommandFailure(
                error, purpose, kind: "repository_file", hint: "--repository-file names a file that holds a location")
        }
        guard !line.isEmpty else {
            throw CommandFailure(
                .failed, kind: "repository_file", "the repository file \(file.printable) is empty", path: file,
                hint: "its first line is the location")
        }
        return ArgumentValue(bytes: line)
    }
}

extension [UInt8] {
    /// What stands before the first line break, `\n` or `\r\n`.
    var firstLine: ArraySlice<UInt8> {
        let line = prefix { $0 != UInt8(ascii: "\n") }
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
}
