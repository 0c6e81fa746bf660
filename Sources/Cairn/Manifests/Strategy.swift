/// How much of what is already known a snapshot trusts, and what it compares with. Whatever it is, the snapshot is complete.
public enum Strategy: String, Sendable, Hashable, CaseIterable {
    /// Trusts the journal and compares with the latest snapshot of the same source.
    case incremental
    /// Trusts the journal and compares with the latest full snapshot of the same source.
    case differential
    /// Reads every byte.
    case full
}
