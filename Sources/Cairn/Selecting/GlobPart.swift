/// A piece of a pattern for one name, as a parser found it.
enum GlobPart: Hashable {
    /// This byte.
    case byte(UInt8)
    /// One character, whichever it is.
    case one
    /// Any number of characters, also none.
    case star
    /// One character of a set.
    case set(BracketSet)
}

/// The characters that brackets stand for.
struct BracketSet: Hashable {
    /// From one number to another, both included. A byte that is no part of UTF-8 counts from 0x110000.
    struct Range: Hashable {
        var first: UInt32
        var last: UInt32
    }

    var ranges: [Range] = []
    var isNegated = false
}

/// A piece of a pattern for a path.
enum PathPart: Hashable {
    /// One component that looks like this.
    case name([GlobPart])
    /// Any number of components, also none.
    case anyDepth

    /// One component, whichever it is.
    static let anyName = PathPart.name([.star])
}
