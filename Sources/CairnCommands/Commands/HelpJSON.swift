internal import CommandLine

extension ProgramOutline {
    /// Help for programs: one document, the same whether it is about all commands or about one.
    var json: JSONText {
        [
            "name": .string(name), "version": .string(version), "summary": .string(summary),
            "description": .array(paragraphs.map { .string($0) }),
            "global_options": .array(globalOptions.map(\.json)), "commands": .array(commands.map(\.json)),
            "exit_codes": .array(
                exitCodes.map { ["code": .integer(Int($0.code)), "meaning": .string($0.meaning)] }),
            "examples": .array(examples.map(\.json)),
        ]
    }
}

extension ProgramOutline.Command {
    fileprivate var json: JSONText {
        [
            "name": .string(name), "aliases": .array(aliases.map { .string($0) }), "summary": .string(summary),
            "usage": .string(usage), "description": .array(paragraphs.map { .string($0) }),
            "operands": .array(operands.map(\.json)), "options": .array(options.map(\.json)),
            "examples": .array(examples.map(\.json)), "commands": .array(commands.map(\.json)),
        ]
    }
}

extension ProgramOutline.Option {
    fileprivate var json: JSONText {
        [
            "name": .string("--\(name)"), "short": short.map { .string("-\($0)") } ?? .null,
            "value": valueName.map { .string($0) } ?? .null, "help": .string(help),
            "default": defaultValue.map { .string($0) } ?? .null,
            "environment": environment.map { .string($0) } ?? .null, "repeatable": .bool(isRepeatable),
        ]
    }
}

extension ProgramOutline.Operand {
    fileprivate var json: JSONText {
        [
            "name": .string(name), "help": .string(help), "required": .bool(isRequired),
            "repeatable": .bool(isRepeatable),
        ]
    }
}

extension Example {
    fileprivate var json: JSONText { ["line": .string(line), "purpose": .string(purpose)] }
}
