/// What a program brought back is not what it was given.
struct Differs: Error, CustomStringConvertible {
    let restored: TreeDigest
    let source: TreeDigest

    var description: String {
        if restored.entries == source.entries, restored.bytes == source.bytes {
            return
                "what was restored differs from its source: as many entries and bytes, but others, or of other kinds,"
                + " permissions or times"
        }
        return
            "what was restored differs from its source: \(restored.entries.grouped) of \(source.entries.grouped) entries"
            + " and \(restored.bytes.grouped) of \(source.bytes.grouped) bytes"
    }
}

extension TreeDigest {
    /// Throws unless it is that of the source.
    func expect(_ source: TreeDigest) throws {
        if self != source { throw Differs(restored: self, source: source) }
    }
}
