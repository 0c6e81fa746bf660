/// Reads a command line word by word: finds the command, collects what options and operands were given, and parses
/// their values. One parser reads one command line.
struct Parser {
    private let program: ProgramDescription
    private let environment: Environment
    private let globals: [Specification]
    /// The declarations of the command, once it is found.
    private var own: [Specification] = []
    private var command: CommandDescription?
    private var words: [ArgumentValue] = []
    private var values = ParsedValues()

    /// Where the command stands among the program's commands, one index a level.
    private(set) var path: [Int] = []
    /// The command's words under their main names.
    private(set) var commandWords: [String] = []
    private(set) var isHelpAsked = false

    init(_ program: ProgramDescription, environment: Environment) {
        self.program = program
        self.environment = environment
        globals = program.makeGlobals()
    }

    // MARK: Words

    mutating func read(_ arguments: [ArgumentValue]) throws(UsageError) {
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            if isHelpAsked {
                // Only what the help is of matters now.
                if !argument.isOption { _ = try? enterCommand(argument) }
            } else if argument.bytes == [UInt8](repeating: UInt8(ascii: "-"), count: 2) {
                return try readAll(arguments[index...])
            } else if argument.isLongOption {
                try readLong(argument, from: arguments, &index)
            } else if argument.isOption {
                try readShort(argument, from: arguments, &index)
            } else {
                try readWord(argument)
            }
        }
    }

    /// What follows `--`.
    private mutating func readAll(_ rest: ArraySlice<ArgumentValue>) throws(UsageError) {
        for specification in own {
            if case .passthrough(let flag) = specification.role, values.byKey["--\(flag)"] != nil {
                values.byKey[specification.key] = ParsedValue(count: rest.count, values: Array(rest))
                return
            }
        }
        for word in rest { try readWord(word) }
    }

    private mutating func readWord(_ word: ArgumentValue) throws(UsageError) {
        if command == nil || command?.subcommands.isEmpty == false {
            try enterCommand(word)
        } else {
            words.append(word)
        }
    }

    private mutating func enterCommand(_ word: ArgumentValue) throws(UsageError) {
        let candidates = command?.subcommands ?? program.commands
        guard let index = candidates.firstIndex(where: { $0.names.contains { $0.utf8.elementsEqual(word.bytes) } })
        else {
            let parent = commandWords.joined(separator: " ")
            let kind = parent.isEmpty ? "command" : "\(parent) command"
            throw failure(
                "unknown \(kind) \"\(word.shown)\"",
                hint: meant(word.string, among: candidates.filter { !$0.isHidden }.flatMap(\.names)))
        }
        path.append(index)
        commandWords.append(candidates[index].name)
        command = candidates[index]
        own = candidates[index].makeSpecifications()
    }

    // MARK: Options

    private mutating func readLong(
        _ argument: ArgumentValue, from arguments: [ArgumentValue], _ index: inout Int
    ) throws(UsageError) {
        let parts = argument.bytes.dropFirst(2).split(
            separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        let name = ArgumentValue(bytes: Array(parts[0]))
        let given = parts.count == 2 ? ArgumentValue(bytes: Array(parts[1])) : nil
        if let word = program.versionCommand, command == nil, name == "version", given == nil {
            return try enterCommand(ArgumentValue(word))
        }
        guard let text = name.string, let specification = option(named: text) else { throw unknownOption(name) }
        if specification.takesValue {
            guard let value = given ?? next(arguments, &index) else { throw missingValue(specification, "--\(text)") }
            try store(value, for: specification)
        } else {
            guard given == nil else { throw failure("--\(text) takes no value") }
            raise(specification)
        }
    }

    private mutating func readShort(
        _ argument: ArgumentValue, from arguments: [ArgumentValue], _ index: inout Int
    ) throws(UsageError) {
        var rest = argument.bytes.dropFirst()
        while let letter = rest.popFirst() {
            let character = Character(Unicode.Scalar(letter))
            guard letter < 0x80, let specification = option(short: character) else {
                let shown = PrintableText.escape([letter])
                let whole = argument.bytes.count > 2 ? " in \"\(argument.shown)\"" : ""
                throw failure(
                    "unknown option -\(shown)\(whole)\(forCommand)", hint: elsewhere { $0.short == character })
            }
            if specification.takesValue {
                let attached = rest.isEmpty ? nil : ArgumentValue(bytes: Array(rest))
                guard let value = attached ?? next(arguments, &index) else {
                    throw missingValue(specification, "-\(character)")
                }
                return try store(value, for: specification)
            }
            raise(specification)
        }
    }

    private func next(_ arguments: [ArgumentValue], _ index: inout Int) -> ArgumentValue? {
        guard index < arguments.count else { return nil }
        index += 1
        return arguments[index - 1]
    }

    private mutating func raise(_ specification: Specification) {
        if specification.name == ProgramDescription.helpFlag.name { isHelpAsked = true }
        values.byKey[specification.key, default: ParsedValue()].count += 1
    }

    private mutating func store(
        _ argument: ArgumentValue, for specification: Specification, from source: ValueSource = .commandLine
    ) throws(UsageError) {
        var entry = values.byKey[specification.key] ?? ParsedValue(source: source)
        if specification.role == .single, !entry.values.isEmpty {
            throw failure("\(specification.shown) is given more than once")
        }
        do throws(ValueProblem) {
            entry.values.append(try specification.parse(argument))
        } catch {
            let place =
                switch source {
                case .commandLine: "for \(specification.shown)"
                case .environment(let name): "in the environment variable \(name)"
                }
            throw failure("invalid value \"\(argument.shown)\" \(place): \(error.message)", hint: error.hint)
        }
        entry.count += 1
        values.byKey[specification.key] = entry
    }

    private func option(named name: String) -> Specification? {
        options.first { $0.name == name }
    }

    private func option(short: Character) -> Specification? {
        options.first { $0.short == short }
    }

    private var options: [Specification] { (own + globals).filter(\.isOption) }

    // MARK: The end

    /// Gives the words to the operands, looks into the environment for options that were not given, and hands over all.
    mutating func finish() throws(UsageError) -> ParsedValues {
        try assignOperands()
        for specification in own + globals {
            guard let name = specification.environment, values.byKey[specification.key] == nil,
                let value = environment[name]
            else { continue }
            try store(value, for: specification, from: .environment(name))
        }
        return values
    }

    /// Words go to the operands in order; a list takes what those behind it can spare.
    private mutating func assignOperands() throws(UsageError) {
        let operands = own.compactMap { specification in
            if case .operand(let minimum, let maximum) = specification.role {
                (specification: specification, minimum: minimum, maximum: maximum)
            } else {
                nil
            }
        }
        var needed = 0
        for operand in operands {
            needed += operand.minimum
            guard words.count >= needed else { throw missingOperand(operand.specification, operand.minimum) }
        }
        var index = 0
        for operand in operands {
            needed -= operand.minimum
            let end = index + min(operand.maximum, words.count - index - needed)
            for word in words[index..<end] { try store(word, for: operand.specification) }
            index = end
        }
        guard index == words.count else {
            throw failure(
                "unexpected argument \"\(words[index].shown)\"\(forCommand)",
                hint: operands.last.flatMap {
                    $0.maximum == 1 ? joined(words[..<index].last, words[index], as: $0.specification) : nil
                })
        }
    }

    // MARK: Errors

    /// A hint for whoever wrote the two halves of an operand with a colon, `SNAP:FILE`, as two words.
    private func joined(
        _ first: ArgumentValue?, _ second: ArgumentValue, as operand: Specification
    ) -> String? {
        guard operand.name.contains(":"), let first, !first.shown.contains(":"), !second.bytes.isEmpty else {
            return nil
        }
        return "did you mean \"\(first.shown):\(second.shown)\"?"
    }

    private func failure(_ message: String, hint: String? = nil) -> UsageError {
        UsageError(message, hint: hint).completed(program: program.name, command: commandWords)
    }

    private var forCommand: String {
        commandWords.isEmpty ? "" : " for \"\(([program.name] + commandWords).joined(separator: " "))\""
    }

    private func missingOperand(_ operand: Specification, _ minimum: Int) -> UsageError {
        failure("\(operand.name) is missing" + (minimum > 1 ? ": at least \(minimum) are needed" : ""))
    }

    private func missingValue(_ specification: Specification, _ shown: String) -> UsageError {
        failure("\(shown) needs a value: \(specification.valueName)")
    }

    private func unknownOption(_ name: ArgumentValue) -> UsageError {
        let known = options.filter { !$0.isHidden }.map(\.name)
        let hint = nearest(name.string, among: known).map { "did you mean --\($0)?" }
        return failure(
            "unknown option --\(name.shown)\(forCommand)",
            hint: hint ?? elsewhere { $0.name == name.string })
    }

    /// A hint for a command's option that stands before any command.
    private func elsewhere(_ matches: (Specification) -> Bool) -> String? {
        guard command == nil else { return nil }
        let owner = program.commands.first { command in
            !command.isHidden && command.makeSpecifications().contains { $0.isOption && !$0.isHidden && matches($0) }
        }
        return owner.map { "options of a command stand after its name: \(program.name) \($0.name) …" }
    }

    /// A hint that names the commands that may be meant.
    private func meant(_ word: String?, among candidates: [String]) -> String? {
        guard let word else { return nil }
        if commandWords.isEmpty, let command = program.foreignWords[word] {
            return "did you mean \"\(program.name) \(command)\"?"
        }
        let found = nearest(word, among: candidates).map { [$0] } ?? Suggestion.begun(by: word, among: candidates)
        var shown = found.map { "\"\(([program.name] + commandWords + [$0]).joined(separator: " "))\"" }
        guard let last = shown.popLast() else { return nil }
        return "did you mean \(shown.isEmpty ? "" : shown.joined(separator: ", ") + " or ")\(last)?"
    }

    private func nearest(_ word: String?, among candidates: [String]) -> String? {
        word.flatMap { Suggestion.nearest(to: $0, among: candidates) }
    }
}

extension ArgumentValue {
    /// A lone dash is a word: it stands for standard input or output.
    var isOption: Bool { bytes.count >= 2 && bytes[0] == UInt8(ascii: "-") }
    var isLongOption: Bool { isOption && bytes[1] == UInt8(ascii: "-") }
}
