/// An option without a value, read as a Bool.
public struct Flag: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification

    /// Declares `--name` and, if given, `-s`.
    public init(_ name: String, short: Character? = nil, help: String, hidden: Bool = false) {
        specification = Specification(
            role: .flag, name: name, short: short, help: help, isHidden: hidden)
    }
}

/// A flag that may be given several times (`-vv`), read as how often.
public struct Counter: Declaration {
    /// What the parser and the texts need to know of it.
    public let specification: Specification

    /// Declares `--name` and, if given, `-s`.
    public init(_ name: String, short: Character? = nil, help: String, hidden: Bool = false) {
        specification = Specification(
            role: .counter, name: name, short: short, help: help, isHidden: hidden)
    }
}
