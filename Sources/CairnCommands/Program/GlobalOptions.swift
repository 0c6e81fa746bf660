internal import CommandLine

/// The options that stand before or after any command.
struct GlobalOptions: OptionGroup {
    let repository = Option(
        "repo", short: "r", .folder.named("LOCATION"), environment: "CAIRN_REPOSITORY",
        help: "The repository: a folder. Without it, a private one of your own.")
    let repositoryFile = Option("repository-file", .file, help: "Read the repository's location from this file.")
    let keyFile = Option(
        "key-file", .file, environment: "CAIRN_KEY_FILE", help: "Open the repository with this key file.")
    let passwordFile = Option(
        "password-file", .file, environment: "CAIRN_PASSWORD_FILE",
        help: "Read the password from the first line of this file.")
    let passwordCommand = Option(
        "password-command", .bytes.named("COMMAND"), environment: "CAIRN_PASSWORD_COMMAND",
        help: "Take the first line that this command prints for the password; the shell runs it.")
    let json = Flag("json", help: "Answer in JSON, and report failures in JSON.")
    let quiet = Flag("quiet", short: "q", help: "Say only what went wrong.")
    let verbose = Counter("verbose", short: "v", help: "Say more; twice, much more.")
    let noProgress = Flag("no-progress", help: "Show no progress.")
    let progress = Flag("progress", help: "Show progress though standard error is no terminal.")
    let cacheDirectory = Option(
        "cache-dir", .folder, environment: "CAIRN_CACHE_DIR", help: "Keep the disposable index of repositories here.")
    let memory = DefaultedOption(
        "memory", .size(GlobalOptions.memoryBytesMin...Int.max), default: 256 << 20, shown: "256M",
        help: "Use no more memory than this.")
    let jobs = Option("jobs", .count(1...1024), help: "Work on this many things at once; without it, one a processor.")

    /// Below this no stage of a backup has room to work.
    static let memoryBytesMin = 64 << 20
}
