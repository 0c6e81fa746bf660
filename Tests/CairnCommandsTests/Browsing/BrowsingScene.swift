import ChildProcess

/// A folder, a repository beside it, and snapshots that the binary takes.
final class BrowsingScene {
    let folder: TemporaryFolder
    var source: String { "\(folder.path)/s" }
    private var environment: [String: String] {
        [
            "HOME": folder.path, "TZ": "UTC0", "CAIRN_REPOSITORY": "\(folder.path)/r", "PATH": "/usr/bin:/bin",
            "CAIRN_CACHE_DIR": "\(folder.path)/c",
        ]
    }

    /// Each script changes the folder, and a snapshot is taken behind it.
    init(_ scripts: String...) throws {
        folder = try TemporaryFolder()
        _ = folder.folder("s")
        _ = try run("init", "--encryption", "none")
        for script in scripts {
            try shell("cd s; \(script)")
            _ = try run("snapshot", "-q", "s")
        }
    }

    /// Runs a script in the folder; what it prints.
    @discardableResult
    func shell(_ script: String) throws -> String {
        let words = ["-ec", "cd \"$1\"; \(script)", "sh", folder.path]
        let outcome = try ChildProcess("/bin/sh", words, environment: environment).run()
        guard outcome.code == 0 else { throw ChildFailure(reason: "\(script): \(outcome.errorText)") }
        return outcome.outputText
    }

    /// Runs a script in the folder, whatever becomes of it. It finds the binary's path in `$cairn`.
    func script(_ script: String) throws -> ChildOutcome {
        let words = ["-c", "cd \"$1\"; cairn=$2; \(script)", "sh", folder.path, cairnPath]
        return try ChildProcess("/bin/sh", words, environment: environment).run()
    }

    /// Runs `cairn`, whatever becomes of it.
    func outcome(_ words: [String]) throws -> ChildOutcome {
        let script = "cd \"$1\"; shift; exec \"$@\""
        let all = ["-c", script, "sh", folder.path, cairnPath] + words
        return try ChildProcess("/bin/sh", all, environment: environment).run()
    }

    /// What `cairn` prints where it must not fail, with the folder's path as `@`.
    func run(_ words: String...) throws -> String {
        let outcome = try outcome(words)
        guard outcome.code == 0 else { throw ChildFailure(reason: "\(words): \(outcome.code) \(outcome.errorText)") }
        return outcome.outputText.split(separator: source, omittingEmptySubsequences: false).joined(separator: "@")
    }

    /// The lines of it.
    func lines(_ words: String...) throws -> [String] {
        let outcome = try outcome(words)
        guard outcome.code == 0 else { throw ChildFailure(reason: "\(words): \(outcome.code) \(outcome.errorText)") }
        let text = outcome.outputText.split(separator: source, omittingEmptySubsequences: false).joined(separator: "@")
        return text.split(separator: "\n").map(String.init)
    }
}
