import Posix

/// One format of archives, written from front to back.
protocol ArchiveWriter {
    /// Adds an entry under a name without a leading slash. Returns why it was left out, where the format cannot hold it.
    mutating func add(_ name: [UInt8], _ entry: TreeEntry, _ bytes: FileBytes?) throws(CairnError) -> String?
    /// Ends the archive.
    mutating func finish() throws(CairnError)
}

extension CairnError {
    /// A file's chunks have another length in sum than its entry says.
    static func wrongLength(_ name: [UInt8]) -> CairnError {
        CairnError(.damaged, "the content of \"\(Path(name))\" has another length than its entry says")
    }
}
