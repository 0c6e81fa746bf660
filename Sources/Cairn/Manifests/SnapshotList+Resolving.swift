// Choosing one snapshot by what a person calls it.

extension SnapshotList {
    /// The snapshot that is meant: of those that the filter leaves the newest not after `time`, or one so many before it; or the one whose
    /// id begins so, whatever the filter says.
    public func resolve(
        _ name: SnapshotName?, at time: SnapshotTime? = nil, filter: SnapshotFilter = SnapshotFilter()
    ) throws(CairnError) -> Snapshot {
        switch name {
        case .id(let prefix):
            guard time == nil else {
                throw CairnError(
                    .usage, "\"\(prefix)\" names a snapshot already, so a time cannot choose one",
                    remedy: "leave out the one or the other")
            }
            return try withID(prefix)
        case .latest(let back): return try newest(back: back, at: time, filter)
        case nil:
            guard time != nil else {
                throw CairnError(.usage, "no snapshot is named", remedy: "give its id, or \"latest\", or a time")
            }
            return try newest(back: 0, at: time, filter)
        }
    }

    private func withID(_ prefix: String) throws(CairnError) -> Snapshot {
        let candidates = snapshots.filter { $0.id.description.hasPrefix(prefix) }
        guard let only = candidates.first else {
            throw CairnError(
                .notFound, "there is no snapshot \"\(prefix)\"\(unreadable)",
                remedy: "list the snapshots to see their ids")
        }
        guard candidates.count == 1 else {
            let shown = candidates.prefix(8).map {
                "\($0.id.distinct(from: candidates)) of \($0.manifest.time.rfc3339)"
            }
            let rest = candidates.count > shown.count ? " and \(candidates.count - shown.count) more" : ""
            throw CairnError(
                .ambiguous,
                "\"\(prefix)\" may be any of \(candidates.count) snapshots: \(shown.joined(separator: ", "))\(rest)",
                remedy: "give more digits of its id")
        }
        return only
    }

    private func newest(
        back: Int, at time: SnapshotTime?, _ filter: SnapshotFilter
    ) throws(CairnError) -> Snapshot {
        var candidates = snapshots(filter)
        if let time { candidates = candidates.filter { !time.isEarlier(than: $0.manifest.time) } }
        guard back < candidates.count else {
            let which = filter.isEmpty ? "" : " that the filters leave"
            let when = time.map { " up to \($0.rfc3339)" } ?? ""
            let count =
                switch candidates.count {
                case 0: "is no snapshot"
                case 1: "is only 1 snapshot"
                default: "are only \(candidates.count) snapshots"
                }
            throw CairnError(
                .notFound, "there \(count)\(which)\(when)\(unreadable)", remedy: "list the snapshots to choose one")
        }
        return candidates[candidates.count - 1 - back]
    }

    /// What might be the one that is missed.
    private var unreadable: String {
        failures.isEmpty
            ? "" : ", and \(failures.count) \(failures.count == 1 ? "manifest" : "manifests") cannot be read"
    }
}

extension SnapshotID {
    /// So many digits, at least eight, that no other candidate begins with them.
    fileprivate func distinct(from candidates: [Snapshot]) -> String {
        let count = (8...Self.digitCount).first { count in
            candidates.count { $0.id.description.prefix(count) == description.prefix(count) } == 1
        }
        return String(description.prefix(count ?? Self.digitCount))
    }
}
