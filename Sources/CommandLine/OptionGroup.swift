/// A struct whose stored properties declare options and operands, in the order in which help shows them.
///
/// A group may hold other groups: declarations that several commands share are written once, and a function that works
/// with them takes `Arguments` of that group. A property that is neither a declaration nor a group has no meaning.
public protocol OptionGroup: Sendable {
    /// The declarations.
    init()
    /// The heading under which help shows this group's options, if they are to stand apart.
    static var title: String? { get }
}

extension OptionGroup {
    /// No heading of its own.
    public static var title: String? { nil }

    /// Every declaration of this group and those inside it, in order.
    static var specifications: [Specification] {
        Self().collected(section: title)
    }

    private func collected(section: String?) -> [Specification] {
        var result: [Specification] = []
        for (_, value) in Mirror(reflecting: self).children {
            if let declaration = value as? any Declaration {
                var specification = declaration.specification
                if specification.isOption { specification.section = section }
                result.append(specification)
            } else if let group = value as? any OptionGroup {
                result += group.collected(section: type(of: group).title ?? section)
            }
        }
        return result
    }
}

/// The group of a command that takes nothing.
public struct NoOptions: OptionGroup {
    /// Nothing.
    public init() {}
}
