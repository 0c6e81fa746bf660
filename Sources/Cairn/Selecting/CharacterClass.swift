/// The classes of characters that brackets name, `[[:alpha:]]`; only ASCII belongs to them.
enum CharacterClass {
    /// What a class holds; nil if there is none of that name.
    static func ranges(named name: some Sequence<UInt8>) -> [BracketSet.Range]? {
        let pairs: [(Unicode.Scalar, Unicode.Scalar)]
        switch String(decoding: Array(name), as: UTF8.self) {
        case "alnum": pairs = [("0", "9"), ("A", "Z"), ("a", "z")]
        case "alpha": pairs = [("A", "Z"), ("a", "z")]
        case "blank": pairs = [(" ", " "), ("\t", "\t")]
        case "cntrl": pairs = [("\0", "\u{1F}"), ("\u{7F}", "\u{7F}")]
        case "digit": pairs = [("0", "9")]
        case "graph": pairs = [("!", "~")]
        case "lower": pairs = [("a", "z")]
        case "print": pairs = [(" ", "~")]
        case "punct": pairs = [("!", "/"), (":", "@"), ("[", "`"), ("{", "~")]
        // git's own, without vertical tab and form feed.
        case "space": pairs = [(" ", " "), ("\t", "\n"), ("\r", "\r")]
        case "upper": pairs = [("A", "Z")]
        case "xdigit": pairs = [("0", "9"), ("A", "F"), ("a", "f")]
        default: return nil
        }
        return pairs.map { BracketSet.Range(first: $0.0.value, last: $0.1.value) }
    }
}
