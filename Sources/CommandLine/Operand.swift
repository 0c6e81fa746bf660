/// A word that must be there, read as `Value`.
public struct Operand<Value: Sendable>: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification

    /// Declares one word, shown in help under this name.
    public init(_ name: String, _ parser: ValueParser<Value>, help: String) {
        specification = Specification(
            role: .operand(minimum: 1, maximum: 1), name: name, help: help, completion: parser.completion,
            parse: erase(parser))
    }
}

/// A word that may be there, read as `Value?`.
public struct OptionalOperand<Value: Sendable>: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification

    /// Declares at most one word, shown in help under this name.
    public init(_ name: String, _ parser: ValueParser<Value>, help: String) {
        specification = Specification(
            role: .operand(minimum: 0, maximum: 1), name: name, help: help, completion: parser.completion,
            parse: erase(parser))
    }
}

/// Any number of words, read as `[Value]`. Of several operands, those before and after get what they must have first.
public struct OperandList<Value: Sendable>: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification

    /// Declares words, shown in help under this name.
    public init(
        _ name: String, _ parser: ValueParser<Value>, atLeast minimum: Int = 0, atMost maximum: Int = .max, help: String
    ) {
        specification = Specification(
            role: .operand(minimum: minimum, maximum: max(minimum, maximum)), name: name, help: help,
            completion: parser.completion, parse: erase(parser))
    }
}

/// The words after `--` where a flag is given that asks for them, read as `[ArgumentValue]`: somebody else's command
/// line, as in `--stdin-from-command -- pg_dump --all`. Without that flag the words after `--` are ordinary operands.
public struct Passthrough: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification

    /// Declares the words that belong to the flag of that long name in the same command.
    public init(_ name: String, withFlag flag: String, help: String) {
        specification = Specification(role: .passthrough(flag: flag), name: name, help: help)
    }
}
