/// An option without a value, read as a Bool.
public struct Flag: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification

    /// Declares `--name` and, if given, `-s`.
    public init(_ name: String, short: Character? = nil, help: String, aliases: [String] = [], hidden: Bool = false) {
        specification = Specification(
            role: .flag, name: name, aliases: aliases, short: short, help: help, isHidden: hidden)
    }
}

/// A flag that may be given several times (`-vv`), read as how often.
public struct Counter: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification

    /// Declares `--name` and, if given, `-s`.
    public init(_ name: String, short: Character? = nil, help: String, aliases: [String] = [], hidden: Bool = false) {
        specification = Specification(
            role: .counter, name: name, aliases: aliases, short: short, help: help, isHidden: hidden)
    }
}
