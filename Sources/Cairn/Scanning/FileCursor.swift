// unsafe: fills memory that it is lent.
import Posix

/// The bytes of an open file from front to back. Holes are not read: their zeros are made here.
struct FileCursor {
    /// A file that grows while it is read is followed this far; whoever writes faster than we read must not hold us for ever.
    private static let growthMax: UInt64 = 64 << 20

    private let size: UInt64
    private let limit: UInt64
    private var offset: UInt64
    private var isSparse: Bool
    /// Where the stretch of data ends that the offset lies in.
    private var dataEnd: UInt64 = 0
    /// Where the hole ends that was found last.
    private var holeEnd: UInt64 = 0

    /// Begins at an offset of a file of this status.
    init(_ status: FileStatus, from offset: UInt64) {
        size = status.size
        limit = status.size.addingReportingOverflow(Self.growthMax).partialValue
        isSparse = status.blocks < (status.size + 511) / 512
        self.offset = offset
    }

    /// Fills the buffer from its beginning; says how far. Nothing comes at the end.
    mutating func next(
        into buffer: UnsafeMutableRawBufferPointer, of file: borrowing FileDescriptor
    ) throws(PosixError) -> Int {
        guard offset < limit else { return 0 }
        var room = Self.part(buffer, limit - offset)
        if isSparse, offset < size {
            let hole = try hole(of: file)
            if hole > offset {
                room = Self.part(room, hole - offset)
                room.initializeMemory(as: UInt8.self, repeating: 0)
                offset += UInt64(room.count)
                return room.count
            }
            if isSparse { room = Self.part(room, dataEnd - offset) }
        }
        let got = try file.read(into: room, at: offset)
        offset += UInt64(got)
        return got
    }

    private static func part(
        _ buffer: UnsafeMutableRawBufferPointer, _ count: UInt64
    ) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, Int(clamping: count))])
    }

    /// Where the hole ends that the offset lies in; the offset itself where bytes lie there.
    private mutating func hole(of file: borrowing FileDescriptor) throws(PosixError) -> UInt64 {
        if offset < dataEnd { return offset }
        if offset < holeEnd { return holeEnd }
        do throws(PosixError) {
            holeEnd = min(try file.nextData(from: offset) ?? size, size)
            if holeEnd <= offset { dataEnd = min(max(try file.nextHole(from: offset), offset + 1), size) }
        } catch {
            // A file system that cannot say gives the zeros itself.
            isSparse = false
            return offset
        }
        return max(holeEnd, offset)
    }
}
