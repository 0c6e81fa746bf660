/// All works in one table: a line for each, a column for each program, and seconds in the cells.
public struct Glance {
    private let comparisons: [Comparison]
    private let programs: [String]

    /// `order` names the programs from left to right; others come behind them.
    public init(_ comparisons: [Comparison], order: [String]) {
        self.comparisons = comparisons
        var names: [String] = []
        for program in comparisons.flatMap(\.programs) where !names.contains(program.name) {
            names.append(program.name)
        }
        programs = order.filter(names.contains) + names.filter { !order.contains($0) }
    }

    /// What is missing is a dash; works that were not measured in seconds are left out.
    public var table: MarkdownTable {
        var table = MarkdownTable(["work"] + programs)
        for comparison in comparisons {
            guard let seconds = comparison.measures.firstIndex(where: { $0.quantity == .seconds }) else { continue }
            let cells = programs.map { name in
                let program = comparison.programs.first { $0.name == name }
                return program?.figure(seconds).map(Quantity.seconds.exact) ?? Quantity.missing
            }
            table.add([comparison.title] + cells)
        }
        return table
    }
}
