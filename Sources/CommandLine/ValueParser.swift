/// Why a value is refused: the second half of a sentence, as in `invalid value "12Q" for --memory: not a size`.
public struct ValueProblem: Error, Hashable, Sendable {
    /// What is wrong with it.
    public let message: String
    /// What to write instead.
    public let hint: String?

    /// A problem with its remedy.
    public init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

/// What a shell may offer where a value is expected.
public enum ValueCompletion: Sendable, Hashable {
    /// Nothing.
    case nothing
    /// Names of files and folders.
    case files
    /// Names of folders.
    case folders
    /// The program's commands.
    case commands
    /// One of these words.
    case words([String])
}

/// How the value of an option or an operand is read from its bytes.
public struct ValueParser<Value: Sendable>: Sendable {
    /// What stands for the value in help unless the option says otherwise.
    public let valueName: String
    /// What a shell may offer.
    public let completion: ValueCompletion
    /// Reads a value, or says why not.
    public let parse: @Sendable (ArgumentValue) throws(ValueProblem) -> Value

    /// A parser of one's own.
    public init(
        _ valueName: String, completion: ValueCompletion = .nothing,
        parse: @escaping @Sendable (ArgumentValue) throws(ValueProblem) -> Value
    ) {
        self.valueName = valueName
        self.completion = completion
        self.parse = parse
    }

    /// The same parser with another name for its value in help.
    public func named(_ valueName: String) -> ValueParser {
        ValueParser(valueName, completion: completion, parse: parse)
    }

    /// A parser that makes something else of this one's value.
    public func map<Other>(
        _ transform: @escaping @Sendable (Value) throws(ValueProblem) -> Other
    ) -> ValueParser<Other> {
        let parse = parse
        return ValueParser<Other>(valueName, completion: completion) { argument throws(ValueProblem) in
            try transform(try parse(argument))
        }
    }
}

extension ValueParser where Value == ArgumentValue {
    /// Any bytes but none at all.
    public static var bytes: ValueParser {
        ValueParser("VALUE") { argument throws(ValueProblem) in
            guard !argument.bytes.isEmpty else { throw ValueProblem("it is empty") }
            return argument
        }
    }

    /// The name of a file, in any encoding.
    public static var file: ValueParser { path("FILE", completion: .files) }

    /// The name of a folder, in any encoding.
    public static var folder: ValueParser { path("DIR", completion: .folders) }

    /// A shell leaves the `~` of `--option=~/x` as it is; taken literally it would make a folder of that name, which nobody wants, and which is
    /// dangerous to remove.
    private static func path(_ name: String, completion: ValueCompletion) -> ValueParser {
        ValueParser(name, completion: completion) { argument throws(ValueProblem) in
            let argument = try bytes.parse(argument)
            guard !argument.bytes.starts(with: [UInt8(ascii: "~"), UInt8(ascii: "/")]) else {
                throw ValueProblem(
                    "the shell has not put your home in for the ~",
                    hint:
                        "a ~ in quotes or behind \"=\" stays as it is: write $HOME; a folder of that name is written ./\(argument.shown)"
                )
            }
            return argument
        }
    }
}

extension ValueParser where Value == String {
    /// Text in UTF-8 that is not empty.
    public static var text: ValueParser {
        ValueParser("TEXT") { argument throws(ValueProblem) in
            guard let text = argument.string else { throw ValueProblem("not valid UTF-8") }
            guard !text.isEmpty else { throw ValueProblem("it is empty") }
            return text
        }
    }
}

extension ValueParser where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the cases of an enumeration, by its raw value.
    public static var choice: ValueParser {
        let words = Value.allCases.map(\.rawValue)
        return ValueParser(words.joined(separator: "|"), completion: .words(words)) { argument throws(ValueProblem) in
            guard let value = argument.string.flatMap({ Value(rawValue: $0) }) else {
                throw ValueProblem.notAChoice(argument, of: words)
            }
            return value
        }
    }
}

extension ValueProblem {
    static func notAChoice(_ argument: ArgumentValue, of words: [String]) -> ValueProblem {
        let known = "it is one of: \(words.joined(separator: ", "))"
        let nearest = argument.string.flatMap { Suggestion.nearest(to: $0, among: words) }
        return ValueProblem("no such choice", hint: nearest.map { "did you mean \"\($0)\"? \(known)" } ?? known)
    }
}
