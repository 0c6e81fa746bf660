/// Sentences of made-up words. Some come often, and some like to follow one another, so that they compress about as well as what
/// people write.
struct Prose {
    /// Each with a space behind it.
    private let words: [[UInt8]]
    private let successors: [[Int]]

    init(words count: Int = 8_000) {
        words = (0..<count).map { Self.word($0) }
        successors = (0..<count).map { number in
            var chance = Chance(number, of: 1)
            return (0..<4).map { _ in chance.frequent(below: count) }
        }
    }

    /// Appends sentences of about so many bytes.
    func write(_ byteCount: Int, to text: inout [UInt8], _ chance: inout Chance) {
        let end = text.count + byteCount
        while text.count < end {
            sentence(to: &text, &chance)
            text.append(chance.next(below: 5) == 0 ? UInt8(ascii: "\n") : UInt8(ascii: " "))
        }
        text.removeLast()
    }

    /// Some words, without a full stop.
    func title(_ count: Int, _ chance: inout Chance) -> String {
        var text: [UInt8] = []
        for _ in 0..<count { text += words[chance.frequent(below: words.count)] }
        return String(decoding: text.dropLast(), as: UTF8.self)
    }

    private func sentence(to text: inout [UInt8], _ chance: inout Chance) {
        let start = text.count
        var word = chance.frequent(below: words.count)
        for _ in 0..<chance.next(in: 5..<16) {
            text += words[word]
            let follows = chance.next(below: 100) < 55
            word = follows ? successors[word][chance.frequent(below: 4)] : chance.frequent(below: words.count)
        }
        text[start] -= 32
        text[text.count - 1] = UInt8(ascii: ".")
    }

    /// The first, which come most, are short.
    private static func word(_ number: Int) -> [UInt8] {
        var chance = Chance(number, of: 2)
        let syllables = number < 64 ? 1 : 2 + chance.next(below: number < 1_000 ? 2 : 3)
        var word: [UInt8] = []
        for _ in 0..<syllables {
            word += Array(
                chance.pick(["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr"]).utf8)
            word += Array(chance.pick(["a", "e", "i", "o", "u", "ai", "en", "er", "on"]).utf8)
        }
        return word + [UInt8(ascii: " ")]
    }
}
