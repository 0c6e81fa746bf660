/// Whole files that fit in memory easily.
public enum SmallFile {
    /// The content of a file, which may have at most `limit` bytes (EFBIG is thrown as `.fileTooLarge`).
    public static func read(_ path: Path, limit: Int) throws(PosixError) -> [UInt8] {
        try read(try FileDescriptor.open(path, .read), limit: limit)
    }

    /// What comes from a descriptor until its end, at most `limit` bytes (EFBIG is thrown as `.fileTooLarge`).
    public static func read(_ file: borrowing FileDescriptor, limit: Int) throws(PosixError) -> [UInt8] {
        let path = file.path
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: min(limit + 1, 65_536))
        while true {
            let got = try piece.withUnsafeMutableBytesThrowing { buffer throws(PosixError) in
                try file.read(into: buffer)
            }
            if got == 0 { return content }
            content.append(contentsOf: piece[..<got])
            if content.count > limit { throw PosixError(call: "read", path: path, errno: .fileTooLarge) }
        }
    }

    /// Writes a file that must not be there yet, for its owner alone, durably. What was begun is removed on failure.
    public static func writeNew(_ path: Path, _ content: [UInt8]) throws(PosixError) {
        let file = try FileDescriptor.open(path, [.write, .create, .exclusive])
        do throws(PosixError) {
            try content.withUnsafeBytesThrowing { bytes throws(PosixError) in try file.write(all: bytes) }
            try file.synchronize()
            try Folder.synchronize(path.parent)
        } catch {
            try? Folder.remove(path)
            throw error
        }
    }

    /// Replaces a file's content so that after a crash either the old or the new stands there whole: written beside it,
    /// synchronised, renamed, the folder synchronised.
    public static func replace(_ path: Path, with content: [UInt8]) throws(PosixError) {
        let beside = Path(path.bytes + Array(".\(Machine.processID).\(Machine.monotonicNanoseconds).new".utf8))
        do {
            let file = try FileDescriptor.open(beside, [.write, .create, .exclusive])
            try content.withUnsafeBytesThrowing { bytes throws(PosixError) in try file.write(all: bytes) }
            try file.synchronize()
            try file.close()
            try Folder.rename(beside, to: path)
        } catch {
            try? Folder.remove(beside)
            throw error
        }
        try Folder.synchronize(path.parent)
    }
}

extension Errno {
    /// EFBIG
    public static let fileTooLarge = Errno(rawValue: 27)
}
