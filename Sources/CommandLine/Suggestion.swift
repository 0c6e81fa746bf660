/// Finds the word that someone probably meant.
public enum Suggestion {
    /// Longer words are not compared: the work grows with the product of both lengths.
    private static let lengthMax = 64

    /// The nearest of the candidates, if one is near: within a third of the word's length by Damerau–Levenshtein, or
    /// the only one that the word begins. The first of equals.
    public static func nearest(to word: String, among candidates: [String]) -> String? {
        let length = word.utf8.count
        guard length > 0, length <= lengthMax else { return nil }
        var best: (distance: Int, candidate: String)?
        for candidate in candidates where candidate.utf8.count <= lengthMax {
            let distance = distance(word, candidate)
            if distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        if let best, best.distance <= max(1, length / 3) { return best.candidate }
        let begun = candidates.filter { $0.utf8.starts(with: word.utf8) }
        return begun.count == 1 && length >= 2 ? begun[0] : nil
    }

    /// The candidates that the word begins, where they are few.
    static func begun(by word: String, among candidates: [String]) -> [String] {
        guard word.utf8.count >= 2 else { return [] }
        let begun = candidates.filter { $0.utf8.starts(with: word.utf8) }
        return begun.count <= 3 ? begun : []
    }

    /// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other, where no
    /// stretch is edited twice. O(n·m) time, O(n) memory; over UTF-8 bytes.
    static func distance(_ first: String, _ second: String) -> Int {
        let a = Array(first.utf8)
        let b = Array(second.utf8)
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var beforePrevious = [Int](repeating: 0, count: b.count + 1)
        var previous = Array(0...b.count)
        var current = previous
        for i in 1...a.count {
            current[0] = i
            for j in 1...b.count {
                let replacement = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                var cost = min(previous[j] + 1, current[j - 1] + 1, replacement)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    cost = min(cost, beforePrevious[j - 2] + 1)
                }
                current[j] = cost
            }
            (beforePrevious, previous, current) = (previous, current, beforePrevious)
        }
        return previous[b.count]
    }
}
