/// Writes a part of a snapshot as a stream that other programs read: tar or zip. What it takes does not grow with the part: memory for the bytes
/// of the next files, and a temporary file for what the format wants to be told later.
public struct TreeExport {
    /// A kind of archive.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// POSIX tar with pax headers: keeps everything but sockets.
        case tar
        /// Zip with stored members: keeps files, directories, links, modes, owners and whole seconds.
        case zip
    }

    private let reader: TreeReader
    private let format: Format
    private let lookAheadBytes: Int
    private let threads: Int

    /// Chooses a format. `lookAheadBytes` is the memory for the bytes of small files that come next: the more, the less often a stored block is
    /// decoded again.
    public init(_ reader: TreeReader, format: Format, lookAheadBytes: Int = 64 << 20, threads: Int = 2) {
        self.reader = reader
        self.format = format
        self.lookAheadBytes = lookAheadBytes
        self.threads = threads
    }

    /// Writes a directory and all below it, or one file. A directory's own metadata are kept as `.`, unless it is the root of a snapshot; members
    /// have their paths below it as names. `skipped` is told of what the format cannot hold, and why.
    public func run(
        _ top: TreeEntry, progress: OperationProgress? = nil, cancellation: Cancellation? = nil,
        skipped: (_ name: [UInt8], _ reason: String) -> Void,
        write: @escaping (UnsafeRawBufferPointer) throws(CairnError) -> Void
    ) throws(CairnError) {
        let output = ArchiveOutput(write)
        var writer: any ArchiveWriter
        switch format {
        case .tar: writer = TarWriter(output, reader: reader)
        case .zip: writer = try ZipWriter(output)
        }
        func add(_ name: [UInt8], _ entry: TreeEntry, _ bytes: FileBytes?) throws(CairnError) {
            if let reason = try writer.add(name, entry, bytes) { skipped(name, reason) }
            progress?.update { state in
                if entry.node.isDirectory { state.directoriesDone += 1 } else { state.filesDone += 1 }
                state.bytesDone += entry.node.fileSize ?? 0
            }
        }
        if case .file(_, let content, _, _) = top.node {
            try add(top.name, top, FileBytes(place: .read(content, reader)))
        } else if !top.node.isDirectory {
            try add(top.name, top, nil)
        } else {
            if top.name != TreeEntry.rootName { try add([UInt8(ascii: ".")], top, nil) }
            let files = LookAhead(reader, byteCount: lookAheadBytes, threads: threads, cancellation: cancellation)
            try files.forEach(below: top) { path, entry, bytes throws(CairnError) in try add(path, entry, bytes) }
        }
        try writer.finish()
    }
}
