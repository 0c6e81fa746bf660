import Posix
import Testing

@testable import Cairn

@Suite("Retention policies")
struct RetentionPolicyTests {
    static let cases = [countingTable, calendarTable, spanTable, groupTable].flatMap(RetentionCase.read)

    @Test("the tables hold, decision by decision and reason by reason", arguments: cases)
    func tables(_ one: RetentionCase) throws {
        #expect(try one.decided() == one.expected)
    }

    @Test("the tables are as long as they seem")
    func count() {
        #expect(Self.cases.count >= 60)
        #expect(Set(Self.cases.map(\.title)).count == Self.cases.count)
        #expect(Self.cases.allSatisfy { $0.manifests.count == $0.expected.count && !$0.manifests.isEmpty })
    }

    @Test("a policy without rules is refused, whatever it seems to say")
    func empty() throws {
        let list = TestManifests.list([TestManifests.manifest("a")])
        for change: (inout RetentionPolicy) -> Void in [
            { _ in }, { $0.last = .atMost(0) }, { $0.last = .atMost(-3) }, { $0.counts[.daily] = .atMost(0) },
            { $0.within = CalendarSpan("0d")! }, { $0.spans[.daily] = CalendarSpan("0h")! },
        ] {
            var policy = RetentionPolicy()
            change(&policy)
            #expect(policy.isEmpty)
            let error = #expect(throws: CairnError.self) { try policy.decide(list.snapshots, in: list) }
            #expect(error?.code == .usage && error?.remedy != nil)
        }
    }

    @Test("groups come in the order of host, paths and tags, and in them the oldest snapshot first")
    func order() throws {
        let list = TestManifests.list([
            TestManifests.manifest("3", at: "2026-01-03T00:00:00Z", host: "basalt"),
            TestManifests.manifest("2", at: "2026-01-02T00:00:00Z", paths: ["/b"]),
            TestManifests.manifest("1", at: "2026-01-01T00:00:00Z", paths: ["/b"]),
            TestManifests.manifest("4", at: "2026-01-04T00:00:00Z", paths: ["/a"], tags: ["t"]),
        ])
        var policy = RetentionPolicy()
        policy.last = .unlimited
        func shown(_ grouping: RetentionGrouping) throws -> [String] {
            try policy.decide(list.snapshots.shuffled(), in: list, by: grouping).map { group in
                group.decisions.map { String($0.snapshot.id.description.prefix(1)) }.joined()
            }
        }
        #expect(try shown(.source) == ["4", "12", "3"])
        #expect(try shown([]) == ["1234"])
        #expect(try shown(.tags) == ["123", "4"])
        let groups = try policy.decide(list.snapshots, in: list, by: [.host, .tags])
        #expect(groups.map(\.key.host) == ["amber", "amber", "basalt"])
        #expect(groups.map(\.key.tags) == [[], ["t"], []] && groups.allSatisfy { $0.key.paths == nil })
        #expect(try policy.decide([], in: list).isEmpty)
    }

    @Test("a period's number changes exactly where its name does, for two thousand days at any hour")
    func periods() {
        var hour = SnapshotTime(rfc3339: "2019-12-20T00:30:00+03:00")!
        for _ in 0..<(2_000 * 24) {
            let next = SnapshotTime(seconds: hour.seconds + 3_600, offsetSeconds: hour.offsetSeconds)
            let (now, then) = (hour.local, next.local)
            func changes(_ period: RetentionPeriod) -> Bool { period.number(of: hour) != period.number(of: next) }
            let isNewDay = now.prefix(10) != then.prefix(10)
            guard changes(.hourly), changes(.daily) == isNewDay, changes(.monthly) == (now.prefix(7) != then.prefix(7)),
                changes(.yearly) == (now.prefix(4) != then.prefix(4)),
                !changes(.weekly) || isNewDay
            else {
                Issue.record("\(now) and \(then)")
                return
            }
            hour = next
        }
        // Mondays, from calendars on paper.
        for monday in ["2020-12-28", "2021-01-04", "2024-12-30", "2025-12-29", "2026-12-28", "2027-01-04"] {
            let begin = SnapshotTime(rfc3339: "\(monday)T00:00:00Z")!
            let sunday = SnapshotTime(seconds: begin.seconds - 1)
            let last = SnapshotTime(seconds: begin.seconds + 7 * 86_400 - 1)
            let number = RetentionPeriod.weekly.number(of: begin)
            #expect(RetentionPeriod.weekly.number(of: sunday) == number - 1, "\(monday)")
            #expect(RetentionPeriod.weekly.number(of: last) == number, "\(monday)")
        }
    }
}
