/// Where a value came from.
public enum ValueSource: Hashable, Sendable {
    /// It was written on the command line.
    case commandLine
    /// It came from the environment variable of this name.
    case environment(String)
}

/// What was given for the declarations of one group, read by their property names: `arguments.json`.
///
/// All values have been parsed before a command sees them; reading never fails.
@dynamicMemberLookup
public struct Arguments<Options: OptionGroup>: Sendable {
    private let options: Options
    private let values: ParsedValues

    init(_ options: Options, values: ParsedValues) {
        self.options = options
        self.values = values
    }

    /// Whether the flag was given.
    public subscript(dynamicMember path: KeyPath<Options, Flag>) -> Bool {
        values[options[keyPath: path]] != nil
    }

    /// How often the flag was given.
    public subscript(dynamicMember path: KeyPath<Options, Counter>) -> Int {
        values[options[keyPath: path]]?.count ?? 0
    }

    /// The option's value, if it was given.
    public subscript<Value>(dynamicMember path: KeyPath<Options, Option<Value>>) -> Value? {
        values[options[keyPath: path]]?.first()
    }

    /// The option's value, else its default.
    public subscript<Value>(dynamicMember path: KeyPath<Options, DefaultedOption<Value>>) -> Value {
        let option = options[keyPath: path]
        return values[option]?.first() ?? option.defaultValue
    }

    /// The option's values, in the order given.
    public subscript<Value>(dynamicMember path: KeyPath<Options, OptionList<Value>>) -> [Value] {
        values[options[keyPath: path]]?.all() ?? []
    }

    /// The operand.
    public subscript<Value>(dynamicMember path: KeyPath<Options, Operand<Value>>) -> Value {
        guard let value: Value = values[options[keyPath: path]]?.first() else {
            fatalError("the parser let a command line without a required operand through")
        }
        return value
    }

    /// The operand, if it was given.
    public subscript<Value>(dynamicMember path: KeyPath<Options, OptionalOperand<Value>>) -> Value? {
        values[options[keyPath: path]]?.first()
    }

    /// The operands, in the order given.
    public subscript<Value>(dynamicMember path: KeyPath<Options, OperandList<Value>>) -> [Value] {
        values[options[keyPath: path]]?.all() ?? []
    }

    /// The words after `--`.
    public subscript(dynamicMember path: KeyPath<Options, Passthrough>) -> [ArgumentValue] {
        values[options[keyPath: path]]?.all() ?? []
    }

    /// What was given for the declarations of a group inside this one.
    public subscript<Group: OptionGroup>(dynamicMember path: KeyPath<Options, Group>) -> Arguments<Group> {
        Arguments<Group>(options[keyPath: path], values: values)
    }

    /// Where the value of a declaration came from; nil if it was not given.
    public func source(_ path: KeyPath<Options, some Declaration>) -> ValueSource? {
        values[options[keyPath: path]]?.source
    }
}

/// What was given for one declaration.
struct ParsedValue: Sendable {
    var source = ValueSource.commandLine
    var count = 0
    var values: [any Sendable] = []

    func first<Value>() -> Value? {
        values.first as? Value
    }

    func all<Value>() -> [Value] {
        values.compactMap { $0 as? Value }
    }
}

/// What was given for all declarations, by their keys.
struct ParsedValues: Sendable {
    var byKey: [String: ParsedValue] = [:]

    subscript(declaration: some Declaration) -> ParsedValue? {
        byKey[declaration.specification.key]
    }
}
