import Posix
import Testing

@testable import Cairn

/// One case of the policy tables: a policy, snapshots, and what becomes of each.
///
/// A table is text. A case opens with `# what it shows`, then come the rules on a line that begins with `>`, then a line for each snapshot, the
/// oldest first: time, offset, attributes, a colon, and the reasons why it is kept with ` + ` between them, or `-` where it is forgotten.
/// Attributes are `tags=a,b`, `host=x`, `paths=/a,/b`, `incomplete`, and `outside` for one that is in the repository and not asked about.
struct RetentionCase: Sendable, CustomTestStringConvertible {
    var title: String
    var policy = RetentionPolicy()
    var grouping = RetentionGrouping.source
    var allowsLast = false
    var manifests: [Manifest] = []
    var outside: Set<SnapshotID> = []
    /// The reasons of each snapshot as they are written in the table, `-` for none.
    var expected: [String] = []

    var testDescription: String { title }

    static func read(_ table: String) -> [RetentionCase] {
        var cases: [RetentionCase] = []
        for line in table.split(separator: "\n") where !line.allSatisfy({ $0 == " " }) {
            if line.hasPrefix("# ") {
                cases.append(RetentionCase(title: String(line.dropFirst(2))))
            } else if line.hasPrefix("> ") {
                for word in line.dropFirst(2).split(separator: " ") { cases[cases.count - 1].addRule(word) }
            } else {
                cases[cases.count - 1].addSnapshot(line)
            }
        }
        return cases
    }

    private mutating func addRule(_ word: Substring) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let (name, value) = (parts[0], parts.count > 1 ? parts[1] : "")
        var count: RetentionPolicy.Count { value == "unlimited" ? .unlimited : .atMost(Int(value)!) }
        var list: [String] { value.split(separator: ",").map(String.init) }
        switch name {
        case "last": policy.last = count
        case "within": policy.within = CalendarSpan(value)!
        case "tag": policy.tags.append(list)
        case "allow-last": allowsLast = true
        case "group":
            let names: [String: RetentionGrouping] = ["host": .host, "paths": .paths, "tags": .tags]
            grouping = RetentionGrouping(list.map { names[$0]! })
        case _ where name.hasPrefix("within-"):
            policy.spans[RetentionPeriod(rawValue: String(name.dropFirst(7)))!] = CalendarSpan(value)!
        default: policy.counts[RetentionPeriod(rawValue: name)!] = count
        }
    }

    private mutating func addSnapshot(_ line: Substring) {
        let halves = line.split(separator: " : ", maxSplits: 1)
        let words = halves[0].split(separator: " ").map(String.init)
        let time = words[1].utf8.count == 5 ? words[1] + ":00" : words[1]
        let number = String(manifests.count + 1, radix: 16)
        // Ids rise from line to line, so that of equal times the lower line is the newer.
        var manifest = TestManifests.manifest(number.utf8.count == 1 ? "0" + number : number)
        manifest.time = SnapshotTime(rfc3339: "\(words[0])T\(time)\(words[2])")!
        for word in words[3...] {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            switch parts[0] {
            case "tags": manifest.tags = parts[1].split(separator: ",").map(String.init)
            case "host": manifest.hostname = parts[1]
            case "paths": manifest.paths = parts[1].split(separator: ",").map { Path(String($0)) }
            case "incomplete": manifest.incomplete = true
            case "outside": outside.insert(manifest.snapshotID)
            default: preconditionFailure("no such attribute: \(word)")
            }
        }
        manifests.append(manifest)
        expected.append(halves[1].trimmed)
    }

    /// What the policy decides, in the words of the table.
    func decided() throws(CairnError) -> [String] {
        let list = TestManifests.list(manifests)
        let asked = list.snapshots.filter { !outside.contains($0.id) }
        let groups = try policy.decide(asked, in: list, by: grouping, allowingLast: allowsLast)
        var reasons: [SnapshotID: String] = [:]
        for decision in groups.flatMap(\.decisions) {
            let texts = decision.reasons.map(\.description)
            reasons[decision.snapshot.id] = texts.isEmpty ? "-" : texts.joined(separator: " + ")
        }
        return manifests.map { reasons[$0.snapshotID] ?? "outside" }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        let rest = drop { $0 == " " }
        return String(rest[..<(rest.lastIndex { $0 != " " }.map { rest.index(after: $0) } ?? rest.endIndex)])
    }
}
