/// Numbers that look random and are always the same.
struct Chance {
    private var state: UInt64

    /// Seeds that lie close together give the same numbers, a few places apart.
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    /// The numbers of one thing of many, each of which has its own.
    init(_ number: Int, of kind: Int) { self.init(seed: UInt64(kind) << 48 | UInt64(number) << 24) }

    mutating func number() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func next(below bound: Int) -> Int { Int(number() % UInt64(bound)) }

    mutating func next(in range: Range<Int>) -> Int { range.lowerBound + next(below: range.count) }

    /// A number below a bound, and the smaller the more often, as words are used and pages are visited: one half of a range that
    /// doubles comes as often as the half before it.
    mutating func frequent(below bound: Int) -> Int {
        let doublings = Int.bitWidth - bound.leadingZeroBitCount
        while true {
            let span = 1 << next(below: doublings)
            let value = span - 1 + next(below: span)
            if value < bound { return value }
        }
    }

    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        elements.map { ($0, number()) }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[next(below: elements.count)] }
}
