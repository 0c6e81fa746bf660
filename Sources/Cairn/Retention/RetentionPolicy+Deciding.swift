extension RetentionPolicy {
    /// Decides over some of a list's snapshots, each group for itself; the groups come in the order of their keys. What is the last complete snapshot
    /// of its source, or where none is complete the last, among all of the list, is kept in any case, unless `allowingLast`.
    ///
    /// Throws where the policy is empty: that would forget everything.
    public func decide(
        _ snapshots: [Snapshot], in list: SnapshotList, by grouping: RetentionGrouping = .source,
        allowingLast: Bool = false
    ) throws(CairnError) -> [RetentionGroup] {
        guard !isEmpty else {
            throw CairnError(
                .usage, "the policy keeps nothing", remedy: "give at least one rule, such as --keep-last 1")
        }
        let last = allowingLast ? [] : list.lastOfSources
        let groups = Dictionary(grouping: snapshots) { grouping.key(of: $0.manifest) }
        return groups.sorted { $0.key < $1.key }.map { key, members in
            let newestFirst = Array(members.sorted { $0.orderKey < $1.orderKey }.reversed())
            let decisions = zip(newestFirst, reasons(newestFirst.map(\.manifest))).map { snapshot, reasons in
                let protection: RetentionReason = snapshot.manifest.incomplete ? .lastOfSource : .lastComplete
                let isProtected = reasons.isEmpty && last.contains(snapshot.id)
                return RetentionDecision(snapshot: snapshot, reasons: isProtected ? [protection] : reasons)
            }
            return RetentionGroup(key: key, decisions: decisions.reversed())
        }
    }

    /// The reasons to keep each snapshot of one group, which stand the newest first.
    private func reasons(_ manifests: [Manifest]) -> [[RetentionReason]] {
        var rules = Rules(self, newest: manifests.first?.time)
        return manifests.enumerated().map { index, manifest in
            rules.reasons(manifest, isOldest: index == manifests.count - 1)
        }
    }

    /// The rules on their way from the newest snapshot to the oldest.
    private struct Rules {
        private struct Counted {
            let period: RetentionPeriod
            var count: Count
            var previous: Int?
        }

        private struct Spanned {
            let period: RetentionPeriod
            let span: CalendarSpan
            let begin: SnapshotTime
            var previous: Int?
        }

        private let tags: [[String]]
        private let within: (span: CalendarSpan, begin: SnapshotTime)?
        private var last: Count
        private var counted: [Counted]
        private var spanned: [Spanned]

        init(_ policy: RetentionPolicy, newest: SnapshotTime?) {
            // The newest one's own offset holds for the whole span: so the same is decided on every machine.
            func begin(_ span: CalendarSpan?) -> SnapshotTime? {
                guard let span, !span.isNone, let newest else { return nil }
                return span.before(newest, in: .fixed(newest.offsetSeconds))
            }
            tags = policy.tags
            within = begin(policy.within).map { (policy.within, $0) }
            last = policy.last
            counted = RetentionPeriod.allCases.compactMap { period in
                policy.counts[period].map { Counted(period: period, count: $0) }
            }
            spanned = RetentionPeriod.allCases.compactMap { period in
                guard let span = policy.spans[period], let begin = begin(span) else { return nil }
                return Spanned(period: period, span: span, begin: begin)
            }
        }

        mutating func reasons(_ manifest: Manifest, isOldest: Bool) -> [RetentionReason] {
            let time = manifest.time
            var reasons: [RetentionReason] = []
            for list in tags where list.isEmpty ? manifest.tags.isEmpty : list.allSatisfy(manifest.tags.contains) {
                reasons.append(.tags(list))
            }
            if let within, within.begin.isEarlier(than: time) { reasons.append(.within(within.span)) }
            if last.isRule {
                last.use()
                reasons.append(.last(left: last.left))
            }
            for index in counted.indices where counted[index].count.isRule {
                let rule = counted[index]
                let number = rule.period.number(of: time)
                guard number != rule.previous || isOldest else { continue }
                counted[index].previous = number
                counted[index].count.use()
                reasons.append(
                    .period(rule.period, isOldest: number == rule.previous, left: counted[index].count.left))
            }
            for index in spanned.indices where spanned[index].begin.isEarlier(than: time) {
                let rule = spanned[index]
                let number = rule.period.number(of: time)
                guard number != rule.previous || isOldest else { continue }
                spanned[index].previous = number
                reasons.append(.periodWithin(rule.period, isOldest: number == rule.previous, rule.span))
            }
            return reasons
        }
    }
}

extension SnapshotList {
    /// Of each source the newest snapshot that lacks nothing; where all lack something, the newest.
    public var lastOfSources: Set<SnapshotID> {
        var last: [SnapshotSource: Snapshot] = [:]
        for snapshot in snapshots {
            let source = SnapshotSource(snapshot.manifest)
            if let other = last[source], snapshot.manifest.incomplete && !other.manifest.incomplete { continue }
            last[source] = snapshot
        }
        return Set(last.values.map(\.id))
    }
}
