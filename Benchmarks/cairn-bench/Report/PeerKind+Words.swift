extension PeerKind {
    /// What a reader has to know before comparing it.
    var words: String {
        switch self {
        case .cairn:
            "encrypted (AES-256-GCM), opened with a key file, or with a password where that is said; deduplicated; durable when it ends"
        case .restic: "encrypted, opened with a password; deduplicated; compression auto"
        case .borg: "encrypted (repokey-blake2), opened with a password; deduplicated; one processor"
        case .zpaq:
            "an archive that grows with each call; deduplicated; not encrypted, not durable; keeps no symbolic links,"
                + " owners or extended attributes, and hard links as files of their own; has no re-read, check of all data or"
                + " prune that would be the same work"
        case .archive: "one compressed archive; neither deduplicated nor encrypted nor durable: what the machine allows"
        case .copy: "a copy of each file; neither compressed nor encrypted nor durable: what the machine allows"
        case .walk: "asks for the status of every file and does nothing else: what the machine allows"
        }
    }
}
