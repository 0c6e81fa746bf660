import Posix
import TestSupport

/// What is looked at when a storm is over, and nobody works with the repository any more.
struct StormAftermath {
    let storm: Storm
    let place: Place
    private(set) var complaints: [String] = []

    init(_ storm: Storm, _ place: Place) {
        self.storm = storm
        self.place = place
    }

    mutating func look() throws {
        let list = try listed()
        checkPresence(list)
        try restoreAll(list)
        try lookAtAll()
        let before = try listed()
        let first = try place.run("prune", "--json", "--now")
        if first.code != 0 { complaints.append("prune: exit \(first.code) \(first.errorText)") }
        let second = try place.run("prune", "--json", "--now")
        if second.code != 0 { complaints.append("second prune: exit \(second.code) \(second.errorText)") }
        for part in ["\"deleted\":{\"packs\":0,", "\"written\":{\"packs\":0,", "\"waiting\":{\"packs\":0,"] {
            if !second.output.contains(part) { complaints.append("the second prune does something: \(second.output)") }
        }
        if try listed() != before { complaints.append("prune changes what is listed") }
        try restoreAll(before)
        try lookAtAll()
        try lookForLeftovers()
    }

    /// The repository as a whole: by the program, and through a reader that shares no code with it.
    private mutating func lookAtAll() throws {
        let check = try place.run("check", "--read-data")
        if check.code != 0 { complaints.append("check: exit \(check.code) \(check.output) \(check.errorText)") }
        complaints += try place.problems()
    }

    /// Everything that dead processes left is swept by whoever comes next.
    private mutating func lookForLeftovers() throws {
        for folder in ["tmp", "leases", "condemned", "forgotten"] {
            let names = try Folder.entries(of: place.repository.appending(folder)).map {
                String(decoding: $0.name, as: UTF8.self)
            }
            let left = names.filter { $0 != "lock" }
            if !left.isEmpty { complaints.append("left in \(folder): \(left)") }
        }
    }

    /// What is listed: ids, each with the number of the run that took it.
    private mutating func listed() throws -> [String: Int] {
        let run = try place.run("snapshots", "--json")
        if run.code != 0 { complaints.append("snapshots: exit \(run.code) \(run.errorText)") }
        var list: [String: Int] = [:]
        for part in run.output.split(separator: "{\"id\":\"").dropFirst() {
            let id = String(part.prefix { $0 != "\"" })
            let number = part.split(separator: "\"run-").dropFirst().first.flatMap { Int($0.prefix { $0 != "\"" }) }
            guard let number else {
                complaints.append("snapshot \(id) has lost its tags")
                continue
            }
            if list.updateValue(number, forKey: id) != nil { complaints.append("snapshot \(id) is listed twice") }
        }
        return list
    }

    private mutating func checkPresence(_ list: [String: Int]) {
        for (number, taking) in storm.ledger.withLock({ $0.takings }).enumerated() {
            guard let id = taking.id else { continue }
            let isListed = list[id] == number
            if (taking.isKept || taking.presence == .there) && !isListed {
                complaints.append("run-\(number) was reported done and not forgotten, and is lost: \(id)")
            }
            if !taking.isKept && taking.presence == .forgotten && isListed {
                complaints.append("run-\(number) was forgotten, and is listed: \(id)")
            }
        }
    }

    private mutating func restoreAll(_ list: [String: Int]) throws {
        let takings = storm.ledger.withLock { $0.takings }
        let target = place.path("back")
        for (id, number) in list.sorted(by: { $0.value < $1.value }) {
            let run = try place.restore(takings[number].source, to: target, of: id)
            if run.code != 0 {
                complaints.append("restoring run-\(number) \(id): exit \(run.code) \(run.errorText)")
            } else if try TreeFacts.list(target) != takings[number].facts {
                complaints.append("run-\(number) \(id) restores otherwise")
            }
            TemporaryFolder.removeAll(target)
        }
    }
}
