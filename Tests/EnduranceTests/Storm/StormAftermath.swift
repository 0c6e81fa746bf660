import ChildProcess
import Independent
import Posix
import Storage
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

    /// Everything is restored when the last prunes are over: what the storm lost, and what they lost, is missing then.
    mutating func look() throws {
        let list = try listed()
        checkPresence(list)
        let first = try place.run("prune", "--json", "--now")
        if first.code != 0 { complaints.append("prune: exit \(first.code) \(first.errorText)") }
        let second = try place.run("prune", "--json", "--now")
        if second.code != 0 { complaints.append("second prune: exit \(second.code) \(second.errorText)") }
        for part in ["\"deleted\":{\"packs\":0,", "\"written\":{\"packs\":0,", "\"waiting\":{\"packs\":0,"] {
            if !second.output.contains(part) { complaints.append("the second prune does something: \(second.output)") }
        }
        if try listed() != list { complaints.append("prune changes what is listed") }
        try restoreAll(list)
        let check = try place.run("check", "--read-data")
        if check.code != 0 { complaints.append("check: exit \(check.code) \(check.output) \(check.errorText)") }
        try restoreLastIndependently(list)
        try lookForLeftovers()
    }

    /// Everything that dead processes left is swept by whoever comes next. A folder that nobody needed is not there: in a short storm on a slow
    /// machine nothing may have been forgotten.
    private mutating func lookForLeftovers() throws {
        let repository = try LocalDirectory(place.repository)
        for folder in ["tmp", "leases", "condemned", "forgotten"] {
            let left = try repository.list(folder, recursive: true).map(\.name).filter { $0 != "\(folder)/lock" }
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
        for (id, number) in list.sorted(by: { $0.value < $1.value }) {
            let taking = taking(number)
            let target = place.path("back")
            let run = try place.restore(taking.source, to: target, of: id)
            if run.code != 0 {
                complaints.append("restoring run-\(number) \(id): exit \(run.code) \(run.errorText)")
            } else if try TreeFacts.list(target) != taking.facts {
                complaints.append("run-\(number) \(id) restores otherwise")
            }
            TemporaryFolder.removeAll(target)
        }
    }

    /// The last snapshot once more, through a reader that shares no code with the program. One is enough, for that reader is slow, and in doubt
    /// after a storm is what is still stored, not how it is written.
    private mutating func restoreLastIndependently(_ list: [String: Int]) throws {
        guard IndependentReader.isExpected else { return print(IndependentReader.isMissing) }
        guard let (id, number) = list.max(by: { $0.value < $1.value }) else { return }
        let taking = taking(number)
        let target = place.path("back-independently")
        defer { TemporaryFolder.removeAll(target) }
        let run = try place.restoreIndependently(id, to: target)
        let inside = target.appending(Path(taking.source.bytes.drop { $0 == UInt8(ascii: "/") }))
        if run.code != 0 || !run.errors.isEmpty {
            complaints.append("the other reader on run-\(number) \(id): exit \(run.code) \(run.errorText)")
        } else if try TreeFacts.list(inside) != taking.facts {
            complaints.append("run-\(number) \(id) is another one to the other reader")
        }
    }

    private func taking(_ number: Int) -> StormLedger.Taking { storm.ledger.withLock { $0.takings[number] } }
}
