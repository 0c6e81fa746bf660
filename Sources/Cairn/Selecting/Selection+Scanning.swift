internal import Posix

// A selection asked with what a scan has at hand: open folders, and what the kernel says of names.

extension Selection {
    /// The state in a source that is a folder.
    func root(_ path: Path, listing: [Posix.Folder.Entry], folder: OpenFolder) -> Folder {
        self.folder(
            at: Array(path.bytes), listing: listing.lazy.map(\.name), read: { folder.beginning(of: $0, count: $1) },
            readAbove: { path, count in
                guard let file = try? FileDescriptor.open(Path(path), [.read, .noFollow, .nonBlocking]) else {
                    return nil
                }
                return file.beginning(count)
            })
    }
}

extension Selection.Folder {
    /// Whether an entry is left out whatever its length, as far as a listing tells; nil where it does not tell the kind.
    func isExcluded(_ entry: Posix.Folder.Entry) -> Bool? {
        entry.isUnknown ? nil : isExcluded(entry.name, isDirectory: entry.isFolder)
    }

    /// Whether an entry is left out that its listing did not leave out. Names are asked for again only where the listing did not tell
    /// the kind, or another one.
    func isExcluded(_ entry: Posix.Folder.Entry, _ status: FileStatus) -> Bool {
        if status.isRegular, isTooLong(status.size) { return true }
        if !entry.isUnknown, entry.isFolder == status.isFolder { return false }
        return isExcluded(entry.name, isDirectory: status.isFolder)
    }

    /// The state in a folder of this one.
    func child(_ name: [UInt8], listing: [Posix.Folder.Entry], folder: OpenFolder) -> Self {
        child(name, listing: listing.lazy.map(\.name)) { folder.beginning(of: $0, count: $1) }
    }
}

extension OpenFolder {
    /// The beginning of a regular file in the folder; nil if there is none or it cannot be read. Waits for no pipe.
    fileprivate func beginning(of name: [UInt8], count: Int) -> [UInt8]? {
        guard let file = try? descriptor.open(Path(name), [.read, .nonBlocking]) else { return nil }
        return file.beginning(count)
    }
}

extension FileDescriptor {
    fileprivate borrowing func beginning(_ count: Int) -> [UInt8]? {
        guard let status = try? status(), status.isRegular else { return nil }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: min(count, 65_536))
        while content.count < count {
            let got: Int
            do throws(PosixError) {
                got = try piece.withUnsafeMutableBytesThrowing { (buffer) throws(PosixError) in try read(into: buffer) }
            } catch { return nil }
            if got == 0 { break }
            content += piece[..<min(got, count - content.count)]
        }
        return content
    }
}
