internal import CommandLine
internal import Posix

/// Where things lie that belong to the user: the folders of the XDG base directory specification.
enum UserFolders {
    /// `$XDG_DATA_HOME/cairn`, else `~/.local/share/cairn`; nil without a home.
    static func data(_ environment: Environment) -> Path? {
        folder(environment, variable: "XDG_DATA_HOME", inHome: ".local/share")
    }

    /// `$XDG_CACHE_HOME/cairn`, else `~/.cache/cairn`; nil without a home. Services of the system have no HOME: then it is the home that the
    /// machine's accounts name.
    static func cache(_ environment: Environment) -> Path? {
        folder(environment, variable: "XDG_CACHE_HOME", inHome: ".cache")
            ?? Machine.homeFolder?.appending(".cache/cairn")
    }

    /// `$TMPDIR/cairn-cache-ID`, else `/tmp/cairn-cache-ID`, with the user's number.
    static func temporaryCache(_ environment: Environment) -> Path {
        let place = environment["TMPDIR"].map { Path($0.bytes) }.flatMap { $0.isAbsolute ? $0 : nil } ?? Path("/tmp")
        return place.appending("cairn-cache-\(Machine.userID)")
    }

    /// The specification wants a relative path to be ignored.
    private static func folder(_ environment: Environment, variable: String, inHome: String) -> Path? {
        if let path = environment[variable].map({ Path($0.bytes) }), path.isAbsolute { return path.appending("cairn") }
        guard let home = environment["HOME"].map({ Path($0.bytes) }), home.isAbsolute else { return nil }
        return home.appending(inHome).appending("cairn")
    }
}
