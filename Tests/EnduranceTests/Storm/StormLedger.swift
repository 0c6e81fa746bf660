import Posix

/// What has been asked for in a storm, and so what must be true when it is over. Runs at once on the same snapshot leave open which of them came last,
/// and so does a run that was killed; everything else is certain.
struct StormLedger {
    enum Presence { case unknown, there, forgotten }

    /// One run of `snapshot`, known by the tag that it sets.
    struct Taking {
        let source: Path
        let facts: [String]
        /// Nobody forgets it, whatever else happens to it.
        let isKept: Bool
        /// As soon as the run has reported it.
        var id: String?
        var presence = Presence.unknown
        /// Whether anybody has ever tried to forget it: then somebody else may find it gone.
        var isDoomed = false
        fileprivate var changing = 0
        fileprivate var changes = 0
    }

    /// A run that forgets or brings back.
    struct Change {
        /// The takings that it may change, with how many changes each had had with this one; nil where another one was under way.
        fileprivate var targets: [Int: Int?] = [:]
        /// For a policy: the source of which it may forget any that is not kept.
        fileprivate var source: Path?
    }

    private(set) var takings: [Taking] = []
    private var underWay: [Int: Change] = [:]
    private var changes = 0

    // MARK: Taking

    /// A snapshot is about to be taken; its number.
    mutating func begin(_ source: Path, _ facts: [String], isKept: Bool) -> Int {
        takings.append(Taking(source: source, facts: facts, isKept: isKept))
        let number = takings.count - 1
        for (change, value) in underWay where value.source == source && !isKept {
            takings[number].isDoomed = true
            touch(number, by: change)
            underWay[change]?.targets[number] = .some(nil)
        }
        return number
    }

    /// It was reported done.
    mutating func taken(_ number: Int, id: String) {
        takings[number].id = id
        if takings[number].changes == 0 { takings[number].presence = .there }
    }

    /// Some taking that was reported, and that fits.
    func any(_ chance: Int, where fits: (Taking) -> Bool = { _ in true }) -> Int? {
        let numbers = takings.indices.filter { takings[$0].id != nil && fits(takings[$0]) }
        return numbers.isEmpty ? nil : numbers[chance % numbers.count]
    }

    // MARK: Changing

    /// One snapshot is about to be forgotten, brought back or tagged.
    mutating func begin(changing number: Int, dooms: Bool) -> Int {
        changes += 1
        underWay[changes] = Change()
        if dooms { takings[number].isDoomed = true }
        touch(number, by: changes)
        return changes
    }

    /// Any that is not kept, of this source, is about to be forgotten.
    mutating func begin(policyOn source: Path) -> Int {
        changes += 1
        underWay[changes] = Change(source: source)
        for number in takings.indices where takings[number].source == source && !takings[number].isKept {
            takings[number].isDoomed = true
            touch(number, by: changes)
        }
        return changes
    }

    private mutating func touch(_ number: Int, by change: Int) {
        takings[number].changes += 1
        underWay[change]?.targets[number] = .some(takings[number].changing == 0 ? takings[number].changes : nil)
        takings[number].changing += 1
    }

    /// The run has ended. `ids` are those that it reported, in full; nil if nobody knows what it did.
    mutating func end(_ change: Int, _ presence: Presence, ids: Set<String>?) {
        for (number, mark) in underWay.removeValue(forKey: change)?.targets ?? [:] {
            takings[number].changing -= 1
            guard let ids, mark == takings[number].changes, let id = takings[number].id else {
                takings[number].presence = .unknown
                continue
            }
            if ids.contains(id) { takings[number].presence = presence }
        }
    }
}
