import Bytes
import Posix
import SQLite

//  Local header 30 + name + extra │ bytes │ [descriptor], for each member; then the central directory: for each 46 + name + extra;
//  [zip64 end 56 + locator 20]; end 22. PKWARE's APPNOTE 6.3 names the fields.

/// Writes a zip archive: members are stored as they are, for the stream cannot go back to say how long a compressed one became. Modes, owners and
/// times are kept as Info-ZIP does. Hard links become copies; devices, pipes and sockets are left out.
struct ZipWriter: ArchiveWriter {
    private var output: ArchiveOutput
    /// The central directory, until it is written.
    private let directory: Scratch
    private var count: UInt64 = 0

    private static let large: UInt64 = 0xFFFF_FFFF

    init(_ output: ArchiveOutput) throws(CairnError) {
        self.output = output
        directory = try Scratch("CREATE TEMP TABLE directory (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")
    }

    mutating func add(_ name: [UInt8], _ entry: TreeEntry, _ bytes: FileBytes?) throws(CairnError) -> String? {
        guard name.count < 0xFFFF else { return "its path is too long for zip" }
        var name = name
        var content = bytes
        var size: UInt64 = 0
        switch entry.node {
        case .file(let length, _, _, _): size = length
        case .directory: name.append(UInt8(ascii: "/"))
        case .symbolicLink(let target):
            size = UInt64(target.count)
            content = FileBytes(target)
        case .fifo: return "a named pipe"
        case .socket: return "a socket"
        case .characterDevice, .blockDevice: return "a device"
        }
        var member = ZipMember(name: name, entry: entry, size: size, offset: output.offset)
        if content?.isHeld ?? true { member.checksum = try content?.checksum() ?? 0 }
        try output.write(member.localHeader)
        var crc = CRC32()
        var left = size
        try content?.forEachPiece { piece throws(CairnError) in
            guard UInt64(piece.count) <= left else { throw .wrongLength(name) }
            left -= UInt64(piece.count)
            if member.checksum == nil { crc.update(piece) }
            try output.write(piece)
        }
        guard left == 0 else { throw .wrongLength(name) }
        let isStreamed = member.checksum == nil
        if isStreamed {
            member.checksum = crc.value
            try output.write(member.descriptor)
        }
        try directory.insert("INSERT INTO directory (bytes) VALUES (?1)", member.centralHeader(isStreamed: isStreamed))
        count += 1
        return nil
    }

    mutating func finish() throws(CairnError) {
        let start = output.offset
        try writeDirectory()
        let length = output.offset - start
        var end = ByteWriter()
        if count >= 0xFFFF || start >= Self.large || length >= Self.large {
            end.append(UInt32(0x0606_4B50))
            end.append(UInt64(44))
            end.append(UInt16(3 << 8 | 45))
            end.append(UInt16(45))
            end.append(zeros: 8)
            for number in [count, count, length, start] { end.append(number) }
            end.append(UInt32(0x0706_4B50))
            end.append(zeros: 4)
            end.append(start + length)
            end.append(UInt32(1))
        }
        end.append(UInt32(0x0605_4B50))
        end.append(zeros: 4)
        for _ in 0..<2 { end.append(UInt16(min(count, 0xFFFF))) }
        end.append(UInt32(min(length, Self.large)))
        end.append(UInt32(min(start, Self.large)))
        end.append(zeros: 2)
        try output.write(end.bytes)
        try output.flush()
    }

    private mutating func writeDirectory() throws(CairnError) {
        var failure: CairnError?
        try directory.run { (connection) throws(SQLiteError) in
            let statement = try connection.statement("SELECT bytes FROM directory ORDER BY number")
            try statement.forEachRow { (row) throws(SQLiteError) in
                guard failure == nil else { return }
                row.withBlob(0) { bytes in
                    do throws(CairnError) { try output.write(bytes) } catch { failure = error }
                }
            }
        }
        if let failure { throw failure }
    }
}

extension FileBytes {
    /// Bytes that are here already.
    init(_ bytes: [UInt8]) {
        let buffer = bytes.withUnsafeBytes { Buffer(copying: $0) }
        self.init(place: .held(buffer, 0..<buffer.count))
    }

    fileprivate func checksum() throws(CairnError) -> UInt32 {
        var crc = CRC32()
        try forEachPiece { crc.update($0) }
        return crc.value
    }
}
