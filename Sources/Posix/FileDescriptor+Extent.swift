// unsafe: writes take the caller's memory.
internal import CPosix
internal import Glibc

// Where a file has bytes and where it has holes; writing at a place.
extension FileDescriptor {
    /// Writes all the bytes at an offset. The corresponding C function is `pwrite`.
    public borrowing func write(all bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(PosixError) {
        let number = rawValue
        var done = 0
        while done < bytes.count {
            let (start, length, place) = (bytes.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
            done += try checked("write", path) { pwrite(number, start, length, place) }
        }
    }

    /// Cuts the file, or lets it grow by a hole. The corresponding C function is `ftruncate`.
    public borrowing func truncate(to size: UInt64) throws(PosixError) {
        let number = rawValue
        guard let length = off_t(exactly: size) else {
            throw PosixError(call: "truncate", path: path, errno: .fileTooLarge)
        }
        _ = try checked("truncate", path) { ftruncate(number, length) }
    }

    /// Makes a stretch a hole without changing the size; false where the file system has no holes. The corresponding C function is
    /// `fallocate` with `FALLOC_FL_PUNCH_HOLE`.
    public borrowing func punchHole(at offset: UInt64, count: UInt64) throws(PosixError) -> Bool {
        let number = rawValue
        do {
            _ = try checked("fallocate", path) { cairn_punch_hole(number, off_t(offset), off_t(count)) }
            return true
        } catch {
            guard [.notSupported, .notImplemented].contains(error.errno) else { throw error }
            return false
        }
    }

    /// Where the next bytes begin at or after an offset; nil where only a hole follows. The corresponding C function is `lseek`
    /// with `SEEK_DATA`.
    public borrowing func nextData(from offset: UInt64) throws(PosixError) -> UInt64? {
        let number = rawValue
        do {
            return UInt64(try checked("lseek", path) { cairn_seek_data(number, off_t(offset)) })
        } catch {
            if error.errno == .noSuchDevice { return nil }
            throw error
        }
    }

    /// Where the next hole begins at or after an offset; the end of a file counts as one. The corresponding C function is
    /// `lseek` with `SEEK_HOLE`.
    public borrowing func nextHole(from offset: UInt64) throws(PosixError) -> UInt64 {
        let number = rawValue
        return UInt64(try checked("lseek", path) { cairn_seek_hole(number, off_t(offset)) })
    }

    /// A file without a name in this folder, gone when it is closed. The corresponding C function is `openat` with `O_TMPFILE`.
    public borrowing func nameless() throws(PosixError) -> FileDescriptor {
        try FileDescriptor.open(".", Options(rawValue: cairn_o_tmpfile()).union(.readWrite), mode: 0o600, in: rawValue)
    }

    /// Makes everything durable that was written to the file system of the open file. The corresponding C function is `syncfs`.
    public borrowing func synchronizeFileSystem() throws(PosixError) {
        let number = rawValue
        _ = try checked("syncfs", path) { cairn_synchronize_file_system(number) }
    }
}
