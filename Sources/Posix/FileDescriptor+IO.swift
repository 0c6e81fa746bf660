// unsafe: reads and writes take the caller's memory.
internal import CPosix
internal import Glibc

extension FileDescriptor {
    /// Reads up to the buffer's size at the current position; 0 is the end. The corresponding C function is `read`.
    public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(PosixError) -> Int {
        let number = rawValue
        return try checked("read", path) { Glibc.read(number, buffer.baseAddress, buffer.count) }
    }

    /// Waits until reading would not wait: there are bytes, or the end, or an error to be told. False where the time ran out before.
    /// Files on disk are always ready. The corresponding C function is `poll`.
    public borrowing func waitReadable(milliseconds: Int32) throws(PosixError) -> Bool {
        var query = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
        return try checked("poll", path) { poll(&query, 1, milliseconds) } > 0
    }

    /// Reads at an offset until the buffer is full or the file ends; returns how much. The corresponding C function is `pread`.
    public borrowing func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(PosixError) -> Int {
        let number = rawValue
        // No file is longer than the kernel can count.
        guard let start = off_t(exactly: offset), !start.addingReportingOverflow(off_t(buffer.count)).overflow else {
            return 0
        }
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let got = try checked("pread", path) {
                pread(number, rest.baseAddress, rest.count, start + off_t(done))
            }
            if got == 0 { break }
            done += got
        }
        return done
    }

    /// Writes all the bytes at the current position. The corresponding C function is `write`.
    public borrowing func write(all bytes: UnsafeRawBufferPointer) throws(PosixError) {
        let number = rawValue
        var rest = bytes
        while !rest.isEmpty {
            let (start, length) = (rest.baseAddress, rest.count)
            let put = try checked("write", path) { Glibc.write(number, start, length) }
            rest = UnsafeRawBufferPointer(rebasing: rest[put...])
        }
    }

    /// Makes content and size durable. The corresponding C function is `fsync`.
    public borrowing func synchronize() throws(PosixError) {
        let number = rawValue
        _ = try checked("fsync", path) { fsync(number) }
    }

    /// Lets the kernel begin to write a stretch back; a hint, so failures do not count.
    /// The corresponding C function is `sync_file_range`.
    public borrowing func startWriteback(at offset: UInt64, count: UInt64) {
        _ = cairn_start_writeback(rawValue, Int(truncatingIfNeeded: offset), Int(truncatingIfNeeded: count))
    }

    /// Tells the kernel that the file will be read from front to back. The corresponding C function is `posix_fadvise`.
    public borrowing func adviseSequential() {
        _ = posix_fadvise(rawValue, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    /// Tells the kernel that what it remembers of the file is not needed. The corresponding C function is `posix_fadvise`.
    public borrowing func adviseForgotten() {
        _ = posix_fadvise(rawValue, 0, 0, POSIX_FADV_DONTNEED)
    }

    /// What the kernel knows of the open file. The corresponding C function is `fstat`.
    public borrowing func status() throws(PosixError) -> FileStatus {
        let number = rawValue
        var facts = stat()
        _ = try checked("fstat", path) { fstat(number, &facts) }
        return FileStatus(facts)
    }

    /// Takes the exclusive lock if nobody has it; false where somebody does. It ends when every copy of the descriptor is
    /// closed, at the latest with the process. Throws `.noLocks` where the file system knows none. The corresponding C function is `flock`.
    public borrowing func tryLock() throws(PosixError) -> Bool {
        let number = rawValue
        do {
            _ = try checked("flock", path) { flock(number, LOCK_EX | LOCK_NB) }
            return true
        } catch {
            switch error.errno {
            case .wouldBlock: return false
            case .notImplemented, .notSupported: throw PosixError(call: error.call, path: error.path, errno: .noLocks)
            default: throw error
            }
        }
    }

    /// Which kind of file system holds it. The corresponding C function is `fstatfs`.
    public borrowing func fileSystem() throws(PosixError) -> FileSystemKind {
        let number = rawValue
        return FileSystemKind(magic: try checked("fstatfs", path) { cairn_file_system_magic(number) })
    }
}
