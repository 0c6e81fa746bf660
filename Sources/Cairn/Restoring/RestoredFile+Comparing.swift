// unsafe: reads what is there into a buffer.
import ChunkStore
import Posix

// A file that is there already: what it holds is read and compared, chunk by chunk, and only what differs is written.
extension RestoredFile {
    /// Compares a run of chunks with what the file holds, and returns the indices of those that are needed. Settles the others. Runs of one
    /// file come in order, one at a time.
    func compare(_ ids: ArraySlice<ChunkID>, _ uses: ArraySlice<ChunkUse>, buffer: UnsafeMutableRawBufferPointer)
        -> [Int]
    {
        var needed: [Int] = []
        if context.ledger.isStopped || hasFailed {
            settle(uses.count)
            return []
        }
        do throws(PosixError) {
            let old = try openOld()
            if old == nil { needed = Array(uses.indices) }
            for index in uses.indices {
                guard let old else { break }
                let use = uses[index]
                let there = try bytes(of: old, at: use.offset, count: Int(use.length), buffer)
                if there.count == Int(use.length), ChunkID(of: there) == ids[index] {
                    try keep(there, at: use.offset)
                } else {
                    try change(old, upTo: use.offset, losing: there, at: use.offset)
                    needed.append(index)
                }
            }
        } catch {
            refuse(error)
            needed = []
        }
        if context.request.isDryRun { needed = [] }
        settle(uses.count - needed.count)
        return needed
    }

    /// Restores bytes that are known already, and settles one chunk.
    func restore(_ bytes: [UInt8]) {
        defer { settle(1) }
        bytes.withUnsafeBytes { raw in
            guard isCompared, !context.ledger.isStopped else { return write([Piece(offset: 0, bytes: raw)]) }
            do throws(PosixError) {
                if let old = try openOld() {
                    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: raw.count, alignment: 8)
                    defer { buffer.deallocate() }
                    let there = try self.bytes(of: old, at: 0, count: raw.count, buffer)
                    if there.elementsEqual(raw) { return }
                    try change(old, upTo: 0, losing: there, at: 0)
                }
                if !context.request.isDryRun { write([Piece(offset: 0, bytes: raw)]) }
            } catch { refuse(error) }
        }
    }

    /// The file that is there, opened for reading; nil where this user cannot read it, so that it must be written anew.
    private func openOld() throws(PosixError) -> OpenFile? {
        let folder = try directory.node.opened()
        let descriptor: FileDescriptor
        do throws(PosixError) { descriptor = try folder.descriptor.open(name, [.read, .nonBlocking]) } catch {
            guard error.errno == .permissionDenied else { throw error }
            state.withLock { state in
                state.differs = true
                if case .kept = state.way, !context.request.isDryRun { state.way = .staged(StagingName.make()) }
            }
            return nil
        }
        let status = try descriptor.status()
        let isSame: Bool = state.withLock { state in
            switch state.way {
            case .kept(let before), .inPlace(let before, _):
                return (before.device, before.inode) == (status.device, status.inode)
            case .new, .staged: return status.isRegular
            }
        }
        guard isSame else { throw PosixError(call: "open", path: path, errno: .stale) }
        return OpenFile(descriptor)
    }

    private func bytes(
        of old: OpenFile, at offset: UInt64, count: Int, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(PosixError) -> UnsafeRawBufferPointer {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        let got = try old.descriptor.read(into: part, at: offset)
        return UnsafeRawBufferPointer(rebasing: part[..<got])
    }

    /// Bytes that are right stay, or go along into the new file.
    private func keep(_ there: UnsafeRawBufferPointer, at offset: UInt64) throws(PosixError) {
        guard case .staged = state.withLock({ $0.way }) else { return }
        try put(Piece(offset: offset, bytes: there), into: try opened())
    }

    /// Gets ready to write: everything before `offset` is right.
    func change(
        _ old: OpenFile, upTo offset: UInt64, losing there: UnsafeRawBufferPointer, at place: UInt64
    ) throws(PosixError) {
        if context.request.isDryRun { return state.withLock { $0.differs = true } }
        if case .kept(let status) = state.withLock({ $0.way }) {
            if try !beginInPlace(status) { try beginStaged(old, upTo: offset) }
        }
        if case .inPlace(_, let undo?) = state.withLock({ $0.way }) { try undo.save(there, at: place) }
    }

    private func beginInPlace(_ status: FileStatus) throws(PosixError) -> Bool {
        if context.request.isAtomic || status.linkCount > 1 { return false }
        do throws(PosixError) { _ = try opened() } catch {
            // It is being run, or may not be written: then a new file takes its name.
            if [.isBeingRun, .permissionDenied].contains(error.errno) { return false }
            throw error
        }
        let undo = try? UndoLog(in: try directory.node.opened().descriptor)
        state.withLock { $0.way = .inPlace(status, undo) }
        return true
    }

    private func beginStaged(_ old: OpenFile, upTo offset: UInt64) throws(PosixError) {
        state.withLock { state in
            state.way = .staged(StagingName.make())
            state.open = nil
            state.written = nil
        }
        let file = try opened()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 8)
        defer { buffer.deallocate() }
        var place: UInt64 = 0
        while place < offset {
            let count = Int(min(offset - place, UInt64(buffer.count)))
            let there = try bytes(of: old, at: place, count: count, buffer)
            if there.isEmpty { break }
            try put(Piece(offset: place, bytes: there), into: file)
            place += UInt64(there.count)
        }
    }
}
