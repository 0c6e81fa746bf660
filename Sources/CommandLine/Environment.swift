/// The environment variables that a program may look at: the process's own, or those that a test gives.
///
/// A variable that is set to nothing counts as not set, so that `NAME= command` switches it off.
public struct Environment: Sendable {
    private let lookUp: @Sendable (String) -> ArgumentValue?
    private let list: @Sendable () -> [String]

    /// Exactly these variables.
    public init(_ variables: [String: ArgumentValue]) {
        self.init(names: { Array(variables.keys) }, lookUp: { variables[$0] })
    }

    /// The variables that a function finds, and those that another one lists.
    public init(
        names: @escaping @Sendable () -> [String] = { [] }, lookUp: @escaping @Sendable (String) -> ArgumentValue?
    ) {
        list = names
        self.lookUp = lookUp
    }

    /// The names of those that are set, in order, as far as they are UTF-8.
    public var names: [String] { list().sorted() }

    /// The value of a variable, if it is set and not empty.
    public subscript(_ name: String) -> ArgumentValue? {
        guard let value = lookUp(name), !value.bytes.isEmpty else { return nil }
        return value
    }
}
