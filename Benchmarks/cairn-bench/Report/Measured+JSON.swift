import Posix

extension Measured {
    var json: JSON {
        .object(
            [
                ("machine", .object(surroundings.facts.map { ($0, .text($1)) })),
                ("programs", .list(programs.map(json))),
            ] + table.json + [
                ("limits", limits?.json ?? .list([])), ("absent", .list(absent.map { .text($0) })),
                ("skipped", .list(skipped.map { .text($0) })),
            ])
    }

    private func json(_ program: FoundProgram) -> JSON {
        .object([
            ("kind", .text(program.kind.rawValue)), ("version", .text(program.said)),
            ("paths", .list(program.paths.map { .text($0.string) })),
        ])
    }
}
