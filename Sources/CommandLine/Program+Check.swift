extension Program {
    /// Mistakes in the declarations that no compiler sees, each as a sentence: names used twice, options that no help
    /// can show, operands that can never be reached. A test of the program expects none.
    public var problems: [String] {
        var problems: [String] = []
        let globals = description.makeGlobals()
        problems += ProgramDescription.problems(of: globals, in: "the global options")
        func check(_ commands: [CommandDescription], below parent: String) {
            problems += ProgramDescription.duplicates(commands.flatMap(\.names)).map {
                "\(parent): two commands answer to \"\($0)\""
            }
            for command in commands {
                let name = "\(parent) \(command.name)"
                problems += ProgramDescription.problems(of: command.makeSpecifications() + globals, in: name)
                if command.summary.isEmpty { problems.append("\(name): no summary") }
                if command.summary.hasSuffix(".") { problems.append("\(name): the summary ends with a full stop") }
                check(command.subcommands, below: name)
            }
        }
        check(description.commands, below: description.name)
        problems += ProgramDescription.duplicates(description.exitCodes.map { "\($0.code)" }).map {
            "exit code \($0) is described twice"
        }
        return problems
    }
}

extension ProgramDescription {
    fileprivate static func duplicates(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { !seen.insert($0).inserted }
    }

    fileprivate static func problems(of specifications: [Specification], in place: String) -> [String] {
        let options = specifications.filter(\.isOption)
        var problems = duplicates(options.map(\.name)).map {
            "\(place): --\($0) is declared twice"
        }
        problems += duplicates(options.compactMap { $0.short.map { "\($0)" } }).map {
            "\(place): -\($0) is declared twice"
        }
        problems += duplicates(specifications.filter { !$0.isOption }.map(\.name)).map {
            "\(place): the operand \($0) is declared twice"
        }
        for option in options {
            if let short = option.short, !short.isASCII || !(short.isLetter || short.isNumber) {
                problems.append("\(place): -\(short) is not a letter or digit")
            }
            let isPlain = option.name.utf8.allSatisfy { byte in
                let character = Character(Unicode.Scalar(byte))
                return byte < 0x80 && (character == "-" || character.isLetter || character.isNumber)
            }
            if option.name.isEmpty || option.name.hasPrefix("-") || !isPlain {
                problems.append("\(place): \"\(option.name)\" is no name for an option")
            }
        }
        for specification in specifications where specification.help.isEmpty {
            problems.append("\(place): no help for \(specification.shown)")
        }
        var isOpen = false
        for specification in specifications {
            if case .operand(_, let maximum) = specification.role {
                if isOpen, maximum > 1 { problems.append("\(place): \(specification.name) follows another list") }
                if maximum > 1 { isOpen = true }
            }
            if case .passthrough(let flag) = specification.role, !options.contains(where: { $0.name == flag }) {
                problems.append("\(place): \(specification.name) belongs to --\(flag), which is not declared")
            }
        }
        return problems
    }
}
