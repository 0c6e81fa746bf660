/// A command line that the program does not understand.
public struct UsageError: Error, Hashable, Sendable {
    /// What is wrong, in one line without the program's name.
    public var message: String
    /// What to write instead, or where to look.
    public var hint: String?
    /// The words of the command that it concerns, without the program's name; empty if none was reached.
    public var command: [String]

    /// An error; a command that throws one may leave the hint and its own name to the program.
    public init(_ message: String, hint: String? = nil, command: [String] = []) {
        self.message = message
        self.hint = hint
        self.command = command
    }

    /// The same error with what is missing filled in: the command, and a hint that points to its help.
    public func completed(program: String, command: [String]) -> UsageError {
        var error = self
        if error.command.isEmpty { error.command = command }
        if error.hint == nil {
            let words = ([program] + error.command + ["--help"]).joined(separator: " ")
            error.hint = "\"\(words)\" shows what it takes"
        }
        return error
    }
}
