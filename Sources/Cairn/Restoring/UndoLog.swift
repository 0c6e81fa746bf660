// unsafe: reads back what was saved into a buffer.
import Posix

/// What a file held where it is being overwritten, so that it can become what it was if a new chunk turns out to be lost. Kept in a
/// file without a name beside it, which is gone when this is, or the process.
final class UndoLog: Sendable {
    private let file: FileDescriptor
    private let length = Monitor<UInt64>(0)

    private static let headerBytes = 16

    init(in folder: borrowing FileDescriptor) throws(PosixError) { file = try folder.nameless() }

    /// Remembers bytes that are about to be overwritten.
    func save(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(PosixError) {
        if bytes.isEmpty { return }
        let start = length.withLock { length in
            defer { length += UInt64(Self.headerBytes + bytes.count) }
            return length
        }
        let header: [UInt64] = [offset, UInt64(bytes.count)]
        let outcome: Result<Void, PosixError> = header.withUnsafeBytes { raw in
            Result { () throws(PosixError) in try file.write(all: raw, at: start) }
        }
        try outcome.get()
        try file.write(all: bytes, at: start + UInt64(Self.headerBytes))
    }

    /// Writes everything back.
    func revert(_ target: borrowing FileDescriptor) throws(PosixError) {
        let end = length.withLock { $0 }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 8)
        defer { buffer.deallocate() }
        var place: UInt64 = 0
        while place < end {
            let header = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Self.headerBytes])
            guard try file.read(into: header, at: place) == header.count else { return }
            var offset = header.load(as: UInt64.self)
            var rest = header.load(fromByteOffset: 8, as: UInt64.self)
            place += UInt64(header.count)
            while rest > 0 {
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(rest, UInt64(buffer.count)))])
                guard try file.read(into: part, at: place) == part.count else { return }
                try target.write(all: UnsafeRawBufferPointer(part), at: offset)
                place += UInt64(part.count)
                offset += UInt64(part.count)
                rest -= UInt64(part.count)
            }
        }
    }
}
