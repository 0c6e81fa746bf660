/// Something that stands in a command's `OptionGroup`: an option or an operand.
public protocol Declaration: Sendable {
    /// What the parser and the texts need to know of it.
    var specification: Specification { get }
}

/// An option or an operand without its type: what parsing, help, man pages and completions work with.
public struct Specification: Sendable {
    enum Role: Sendable, Hashable {
        case flag
        case counter
        case single
        case list
        case operand(minimum: Int, maximum: Int)
        /// The words after `--`, if the flag of that name is given.
        case passthrough(flag: String)
    }

    var role: Role
    /// The long name without its dashes; of an operand what stands for it in help.
    var name: String
    var short: Character?
    var valueName = ""
    var help: String
    var isHidden = false
    var environment: String?
    var shownDefault: String?
    var completion = ValueCompletion.nothing
    /// The heading in help under which it stands; nil for the usual one.
    var section: String?
    var parse: @Sendable (ArgumentValue) throws(ValueProblem) -> any Sendable = { argument throws(ValueProblem) in
        argument
    }

    /// What its values are kept under; an option and an operand may share a name.
    var key: String { isOption ? "--\(name)" : name }

    var isOption: Bool {
        switch role {
        case .flag, .counter, .single, .list: true
        case .operand, .passthrough: false
        }
    }

    var takesValue: Bool {
        switch role {
        case .single, .list: true
        case .flag, .counter, .operand, .passthrough: false
        }
    }

    /// How an error names it.
    var shown: String { isOption ? "--\(name)" : name }
}
