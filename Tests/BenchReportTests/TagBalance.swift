import Testing

/// Whether a text is what XML calls well-formed, as far as pictures need it: tags are balanced, attributes quoted, references known.
enum TagBalance {
    struct Wrong: Error, CustomStringConvertible {
        let description: String
    }

    static func expect(_ text: String) throws {
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            try expectReferences(rest[..<start])
            guard let end = rest[start...].firstIndex(of: ">") else { throw Wrong(description: "a tag has no end") }
            let tag = rest[rest.index(after: start)..<end]
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { throw Wrong(description: "\(tag) closes another tag") }
            } else {
                guard !tag.contains("<"), tag.filter({ $0 == "\"" }).count.isMultiple(of: 2) else {
                    throw Wrong(description: "<\(tag)> has a bracket or an odd quotation mark")
                }
                try expectReferences(tag)
                if !tag.hasSuffix("/") { open.append(tag.prefix { $0 != " " }) }
            }
            rest = rest[rest.index(after: end)...]
            // One element holds all.
            if open.isEmpty, !rest.allSatisfy(\.isWhitespace) { throw Wrong(description: "there is more: \(rest)") }
        }
        guard open.isEmpty else { throw Wrong(description: "\(open) are not closed") }
        guard rest.allSatisfy(\.isWhitespace) else { throw Wrong(description: "text stands outside: \(rest)") }
    }

    private static func expectReferences(_ text: Substring) throws {
        for piece in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
            guard ["amp;", "lt;", "gt;", "quot;", "#39;"].contains(where: { piece.hasPrefix($0) }) else {
                throw Wrong(description: "an ampersand stands for itself: \(text)")
            }
        }
        if text.contains(">") { throw Wrong(description: "a bracket stands for itself: \(text)") }
    }
}
