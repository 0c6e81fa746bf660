/// An option with one value, read as `Value?`. Given twice it is an error.
public struct Option<Value: Sendable>: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification

    /// Declares `--name VALUE` and, if given, `-s VALUE` and the environment variable that is read in its place.
    public init(
        _ name: String, short: Character? = nil, _ parser: ValueParser<Value>, environment: String? = nil, help: String,
        hidden: Bool = false
    ) {
        specification = Specification(
            role: .single, name: name, short: short,
            valueName: parser.valueName, help: help, isHidden: hidden, environment: environment,
            completion: parser.completion, parse: erase(parser))
    }
}

/// An option with one value and a default, read as `Value`.
public struct DefaultedOption<Value: Sendable>: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification
    let defaultValue: Value

    /// Declares `--name VALUE`; `shown` is how help writes the default.
    public init(
        _ name: String, short: Character? = nil, _ parser: ValueParser<Value>, default value: Value, shown: String,
        environment: String? = nil, help: String, hidden: Bool = false
    ) {
        defaultValue = value
        specification = Specification(
            role: .single, name: name, short: short,
            valueName: parser.valueName, help: help, isHidden: hidden, environment: environment, shownDefault: shown,
            completion: parser.completion, parse: erase(parser))
    }
}

extension DefaultedOption where Value: RawRepresentable, Value.RawValue == String {
    /// Declares `--name VALUE` with one of an enumeration's cases as its default.
    public init(
        _ name: String, short: Character? = nil, _ parser: ValueParser<Value>, default value: Value,
        environment: String? = nil, help: String
    ) {
        self.init(
            name, short: short, parser, default: value, shown: value.rawValue, environment: environment, help: help)
    }
}

/// An option that may be given several times, read as `[Value]` in the order given.
public struct OptionList<Value: Sendable>: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification

    /// Declares `--name VALUE` and, if given, `-s VALUE`.
    public init(
        _ name: String, short: Character? = nil, _ parser: ValueParser<Value>, help: String,
        hidden: Bool = false
    ) {
        specification = Specification(
            role: .list, name: name, short: short, valueName: parser.valueName, help: help,
            isHidden: hidden, completion: parser.completion, parse: erase(parser))
    }
}

/// A parser without its type.
func erase<Value>(
    _ parser: ValueParser<Value>
) -> @Sendable (ArgumentValue) throws(ValueProblem) -> any Sendable {
    let parse = parser.parse
    return { argument throws(ValueProblem) in try parse(argument) }
}
