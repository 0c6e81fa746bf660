// unsafe: writes take the caller's memory.
internal import CPosix
internal import Glibc

// Where a file has bytes and where it has holes; writing at a place.
extension FileDescriptor {
    /// Writes all the bytes at an offset. The corresponding C function is `pwrite`.
    public borrowing func write(all bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(PosixError) {
        let number = rawValue
        let begin = try place(offset, bytes.count, "write")
        var done = 0
        while done < bytes.count {
            let (start, length, place) = (bytes.baseAddress! + done, bytes.count - done, begin + off_t(done))
            done += try checked("write", path) { pwrite(number, start, length, place) }
        }
    }

    /// Cuts the file, or lets it grow by a hole. The corresponding C function is `ftruncate`.
    public borrowing func truncate(to size: UInt64) throws(PosixError) {
        let number = rawValue
        let length = try place(size, 0, "truncate")
        _ = try checked("truncate", path) { ftruncate(number, length) }
    }

    /// Makes a stretch a hole without changing the size; false where the file system has no holes. The corresponding C function is
    /// `fallocate` with `FALLOC_FL_PUNCH_HOLE`.
    public borrowing func punchHole(at offset: UInt64, count: UInt64) throws(PosixError) -> Bool {
        let number = rawValue
        guard let length = off_t(exactly: count) else { throw tooLarge("fallocate") }
        let start = try place(offset, length, "fallocate")
        do {
            _ = try checked("fallocate", path) { cairn_punch_hole(number, start, length) }
            return true
        } catch {
            guard [.notSupported, .notImplemented].contains(error.errno) else { throw error }
            return false
        }
    }

    /// Where the next bytes begin at or after an offset; nil where only a hole follows. The position stays where it is. The
    /// corresponding C function is `lseek` with `SEEK_DATA`.
    public borrowing func nextData(from offset: UInt64) throws(PosixError) -> UInt64? {
        do {
            return try seek(offset) { cairn_seek_data($0, $1) }
        } catch {
            if error.errno == .noSuchDevice { return nil }
            throw error
        }
    }

    /// Where the next hole begins at or after an offset; the end of a file counts as one. The position stays where it is. The
    /// corresponding C function is `lseek` with `SEEK_HOLE`.
    public borrowing func nextHole(from offset: UInt64) throws(PosixError) -> UInt64 {
        try seek(offset) { cairn_seek_hole($0, $1) }
    }

    /// Asks by a call that moves the position, and moves it back: who reads on must not begin elsewhere.
    private borrowing func seek(_ offset: UInt64, _ call: (Int32, off_t) -> off_t) throws(PosixError) -> UInt64 {
        let number = rawValue
        let start = try place(offset, 0, "lseek")
        let position = try checked("lseek", path) { lseek(number, 0, SEEK_CUR) }
        let found = try checked("lseek", path) { call(number, start) }
        _ = try checked("lseek", path) { lseek(number, position, SEEK_SET) }
        return UInt64(found)
    }

    /// An offset as C takes it. No file is longer than the kernel can count, but a number that was read somewhere may be.
    private borrowing func place(_ offset: UInt64, _ count: Int, _ call: String) throws(PosixError) -> off_t {
        guard let start = off_t(exactly: offset), !start.addingReportingOverflow(off_t(count)).overflow else {
            throw tooLarge(call)
        }
        return start
    }

    private borrowing func tooLarge(_ call: String) -> PosixError {
        PosixError(call: call, path: path, errno: .fileTooLarge)
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
