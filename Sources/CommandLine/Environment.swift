/// The environment variables that a program may look at: the process's own, or those that a test gives.
///
/// A variable that is set to nothing counts as not set, so that `NAME= command` switches it off.
public struct Environment: Sendable {
    private let lookUp: @Sendable (String) -> ArgumentValue?

    /// Exactly these variables.
    public init(_ variables: [String: ArgumentValue]) {
        lookUp = { variables[$0] }
    }

    /// The variables that a function finds.
    public init(lookUp: @escaping @Sendable (String) -> ArgumentValue?) {
        self.lookUp = lookUp
    }

    /// The value of a variable, if it is set and not empty.
    public subscript(_ name: String) -> ArgumentValue? {
        guard let value = lookUp(name), !value.bytes.isEmpty else { return nil }
        return value
    }
}
