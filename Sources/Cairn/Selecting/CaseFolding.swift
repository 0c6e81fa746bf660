/// Upper and lower case made equal: Unicode's simple folding, one character for one; bytes that are not UTF-8 stay.
///
/// It is not asked for a language (a dotless ı is no i) and makes no character two (ß is no ss, but ẞ is ß).
enum CaseFolding {
    /// The bytes with every character folded. The same array where nothing changes. Linear.
    static func fold(_ bytes: [UInt8]) -> [UInt8] {
        guard let first = bytes.firstIndex(where: { 0x41...0x5A ~= $0 || $0 >= 0x80 }) else { return bytes }
        var folded = Array(bytes[..<first])
        folded.reserveCapacity(bytes.count)
        let span = bytes.span
        var offset = first
        while offset < span.count {
            let character = NameCharacter(in: span, at: offset)
            if let scalar = Unicode.Scalar(fold(character.number)) {
                UTF8.encode(scalar)?.forEach { folded.append($0) }
            } else {
                folded.append(span[offset])
            }
            offset += character.width
        }
        return folded
    }

    /// A character's number, folded.
    static func fold(_ number: UInt32) -> UInt32 {
        if number < 0x80 { return 0x41...0x5A ~= number ? number + 0x20 : number }
        // By the tables ı is an i in Turkish only.
        guard number != 0x131, let scalar = Unicode.Scalar(number) else { return number }
        let upper = single(scalar.properties.uppercaseMapping) ?? scalar
        return (single(upper.properties.lowercaseMapping) ?? upper).value
    }

    /// The upper case of a folded character; itself where it has none.
    static func upper(_ number: UInt32) -> UInt32 {
        if number < 0x80 { return 0x61...0x7A ~= number ? number - 0x20 : number }
        return Unicode.Scalar(number).flatMap { single($0.properties.uppercaseMapping)?.value } ?? number
    }

    private static func single(_ text: String) -> Unicode.Scalar? {
        text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
    }
}
