/// What Cairn should reach in a row.
struct Goal {
    enum Measure: String {
        /// How many times as fast as the other program.
        case speed
        /// How many times the other program's seconds.
        case seconds
        /// How many times the bytes of the other program's repository.
        case size
        /// How many times the bytes of the other program's repository after all snapshots of a series.
        case total
        /// How many times the bytes that the other program's repository grows by with each snapshot of a series, in the mean.
        case meanGrowth = "mean growth"
        /// How many times the seconds that the program itself takes where the repository holds nothing else.
        case aged = "seconds beside a new repository"
        /// MiB, held against nobody.
        case memory
    }

    let measure: Measure
    /// Against which program; each of its versions is held against.
    let peer: PeerKind?
    let bound: Double
    /// Against a restic before 0.15, which does not decode what it has just packed and so is faster at it.
    var boundOfOld: Double?

    static func speed(_ peer: PeerKind, _ bound: Double, ofOld: Double? = nil) -> Goal {
        Goal(measure: .speed, peer: peer, bound: bound, boundOfOld: ofOld)
    }

    static func seconds(_ peer: PeerKind, _ bound: Double) -> Goal {
        Goal(measure: .seconds, peer: peer, bound: bound)
    }

    static func size(_ peer: PeerKind, _ bound: Double) -> Goal { Goal(measure: .size, peer: peer, bound: bound) }

    static func total(_ peer: PeerKind, _ bound: Double) -> Goal { Goal(measure: .total, peer: peer, bound: bound) }

    static func meanGrowth(_ peer: PeerKind, _ bound: Double) -> Goal {
        Goal(measure: .meanGrowth, peer: peer, bound: bound)
    }

    static func aged(_ bound: Double) -> Goal { Goal(measure: .aged, peer: nil, bound: bound) }

    /// The ceiling that the size of the work does not move.
    static let largeMemory = Goal(measure: .memory, peer: nil, bound: 256)
    /// For looking, and for small trees.
    static let smallMemory = Goal(measure: .memory, peer: nil, bound: 64)

    func bound(against peer: any Peer) -> Double {
        guard let boundOfOld, let restic = peer as? ResticPeer, restic.isOld else { return bound }
        return boundOfOld
    }

    func isMet(_ value: Double, bound: Double) -> Bool { measure == .speed ? value >= bound : value <= bound }
}

extension ResticPeer {
    /// Whether it is 0.14 or older.
    fileprivate var isOld: Bool { release.lexicographicallyPrecedes([0, 15]) }
}
