/// A work that several programs did, with what each took: the page has a table of it, and a picture.
public struct Comparison: Sendable {
    /// One column.
    public struct Measure: Sendable {
        /// Its head in the table, for example "repository, bytes".
        public let name: String
        /// Its head in the picture, where figures have units.
        public let label: String
        /// What its figures are.
        public let quantity: Quantity
        /// Whether the picture has bars of it.
        public let isDrawn: Bool
        /// Whether the table tells others' figures as multiples of the own program's.
        public let isCompared: Bool

        /// Describes a column.
        public init(
            _ name: String, _ quantity: Quantity, label: String? = nil, isDrawn: Bool = true, isCompared: Bool = false
        ) {
            self.name = name
            self.label = label ?? name
            self.quantity = quantity
            self.isDrawn = isDrawn
            self.isCompared = isCompared
        }
    }

    /// One line.
    public struct Program: Sendable {
        /// With its version.
        public let name: String
        /// Whether it is one that the others are compared with; the first such is the measure.
        public let isOwn: Bool
        /// One for each measure, in their order; nil where there is none.
        public let figures: [Double?]
        /// Between which values the first figure lay, of several rounds.
        public let range: ClosedRange<Double>?

        /// Describes a line.
        public init(_ name: String, isOwn: Bool = false, _ figures: [Double?], range: ClosedRange<Double>? = nil) {
            self.name = name
            self.isOwn = isOwn
            self.figures = figures
            self.range = range
        }

        /// Nil where it is missing, or is nothing that can be measured.
        func figure(_ measure: Int) -> Double? {
            guard measure < figures.count, let value = figures[measure], value.isFinite, value >= 0 else { return nil }
            return value
        }
    }

    /// Letters, digits and hyphens: the picture's file is called so.
    public let id: String
    /// What was done, and to what.
    public let title: String
    /// The columns.
    public let measures: [Measure]
    /// The lines.
    public let programs: [Program]

    /// Puts a comparison together.
    public init(id: String, title: String, measures: [Measure], programs: [Program]) {
        self.id = id
        self.title = title
        self.measures = measures
        self.programs = programs
    }

    /// The picture's file, beside the page.
    public var pictureFile: String { "\(id).svg" }

    /// One line for each program; "–" is where a figure is missing. A column that has no figure at all is left out.
    public var table: MarkdownTable {
        let used = measures.indices.filter { measure in programs.contains { $0.figure(measure) != nil } }
        let own = programs.first { $0.isOwn }
        let hasRanges = programs.contains { $0.range != nil }
        var heads = ["program"]
        for measure in used {
            heads.append(measures[measure].name)
            if measure == 0, hasRanges { heads.append("from–to") }
            if isCompared(measure, own) { heads.append("of Cairn's") }
        }
        var table = MarkdownTable(heads)
        for program in programs {
            var cells = [program.name]
            for measure in used {
                let (kind, value) = (measures[measure], program.figure(measure))
                cells.append(value.map(kind.quantity.exact) ?? Quantity.missing)
                if measure == 0, hasRanges {
                    cells.append(
                        program.range.map {
                            "\(kind.quantity.exact($0.lowerBound))–\(kind.quantity.exact($0.upperBound))"
                        }
                            ?? Quantity.missing)
                }
                if isCompared(measure, own) { cells.append(multiple(value, own?.figure(measure))) }
            }
            table.add(cells)
        }
        return table
    }

    private func isCompared(_ measure: Int, _ own: Program?) -> Bool {
        measures[measure].isCompared && own?.figure(measure) != nil
    }

    private func multiple(_ value: Double?, _ own: Double?) -> String {
        guard let value, let own, own > 0 else { return Quantity.missing }
        return Quantity.ratio.exact(value / own)
    }
}
