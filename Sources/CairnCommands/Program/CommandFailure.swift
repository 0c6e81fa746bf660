internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix
internal import Storage

/// Why a command stopped: what happened, to which path, and what to do.
struct CommandFailure: Error, Hashable, Sendable {
    /// The code that the process ends with.
    var code: ExitCode
    /// The same for programs, more exactly: `no_repository`, `password_command_failed` …
    var kind: String
    /// What happened, in one line.
    var message: String
    /// What it happened to, where that is a file.
    var path: Path?
    /// What a person can do about it.
    var hint: String?

    init(_ code: ExitCode, kind: String, _ message: String, path: Path? = nil, hint: String? = nil) {
        self.code = code
        self.kind = kind
        self.message = message
        self.path = path
        self.hint = hint
    }

    /// A command line that cannot be understood.
    init(_ error: UsageError) {
        self.init(.usage, kind: "usage", error.message, hint: error.hint)
    }

    /// A system call that failed; `purpose` says what it was needed for: "cannot read the password file".
    init(_ error: PosixError, _ purpose: String, code: ExitCode = .failed, kind: String = "system", hint: String? = nil)
    {
        let place = error.path.map { " \($0.printable)" } ?? ""
        self.init(code, kind: kind, "\(purpose)\(place): \(error.errno)", path: error.path, hint: hint)
    }

    /// Any error that reached the top: every room's errors say themselves what happened.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as UsageError: self.init(error)
        case let error as CairnError: self.init(error)
        case let error as StoreError: self.init(error)
        case let error as StorageError:
            self.init(
                .failed, kind: "storage", PrintableText.safe("\(error)"), path: Path(error.path), hint: error.remedy)
        case let error as PosixError:
            self.init(.failed, kind: "system", PrintableText.safe("\(error)"), path: error.path)
        default: self.init(.failed, kind: "failed", PrintableText.safe("\(error)"))
        }
    }

    /// The last line on standard error of a command that fails with `--json`.
    var json: JSONText {
        var fields: [(String, JSONText)] = [
            ("message_type", "exit_error"), ("code", .integer(Int(code.rawValue))), ("kind", .string(kind)),
            ("message", .string(message)),
        ]
        fields += path.map { JSONText.fields(of: $0, as: "path") } ?? [("path", .null)]
        fields.append(("hint", hint.map { .string($0) } ?? .null))
        return .object(fields)
    }
}

extension Path {
    /// The path for a person: see `PrintableText`.
    var printable: String { PrintableText.escape(Array(bytes)) }
}
