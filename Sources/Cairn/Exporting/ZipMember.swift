import Bytes
import Posix

/// One member of a zip archive, as its headers tell it.
struct ZipMember {
    /// With a slash behind it where it is a directory.
    let name: [UInt8]
    let entry: TreeEntry
    let size: UInt64
    /// Where its local header begins.
    let offset: UInt64
    /// Nil while it is not known yet, so that it has to follow the bytes.
    var checksum: UInt32?

    private var isLarge: Bool { size >= 0xFFFF_FFFF }

    /// Flags: 3 the checksum follows the bytes, 11 the name is UTF-8.
    private func begin(_ writer: inout ByteWriter, isStreamed: Bool) {
        let isText = name.contains { $0 >= 0x80 } && String(validating: name, as: UTF8.self) != nil
        writer.append(UInt16(isLarge ? 45 : isStreamed ? 20 : 10))
        writer.append(UInt16((isStreamed ? 8 : 0) | (isText ? 1 << 11 : 0)))
        writer.append(UInt16(0))
        let (date, time) = DOSTime.encode(entry.modified)
        writer.append(time)
        writer.append(date)
    }

    var localHeader: [UInt8] {
        let isStreamed = checksum == nil
        var writer = ByteWriter()
        writer.append(UInt32(0x0403_4B50))
        begin(&writer, isStreamed: isStreamed)
        writer.append(checksum ?? 0)
        for _ in 0..<2 { writer.append(isLarge ? UInt32(0xFFFF_FFFF) : isStreamed ? 0 : UInt32(size)) }
        var extra = ByteWriter()
        if isLarge {
            extra.append(UInt16(1))
            extra.append(UInt16(16))
            for _ in 0..<2 { extra.append(isStreamed ? 0 : size) }
        }
        extra.append(bytes: unixExtra)
        writer.append(UInt16(name.count))
        writer.append(UInt16(extra.bytes.count))
        writer.append(bytes: name)
        writer.append(bytes: extra.bytes)
        return writer.bytes
    }

    var descriptor: [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt32(0x0807_4B50))
        writer.append(checksum ?? 0)
        for _ in 0..<2 {
            if isLarge { writer.append(size) } else { writer.append(UInt32(size)) }
        }
        return writer.bytes
    }

    func centralHeader(isStreamed: Bool) -> [UInt8] {
        let isFar = offset >= 0xFFFF_FFFF
        var extra = ByteWriter()
        if isLarge || isFar {
            extra.append(UInt16(1))
            extra.append(UInt16((isLarge ? 16 : 0) + (isFar ? 8 : 0)))
            if isLarge { for _ in 0..<2 { extra.append(size) } }
            if isFar { extra.append(offset) }
        }
        extra.append(bytes: unixExtra)
        var writer = ByteWriter()
        writer.append(UInt32(0x0201_4B50))
        writer.append(UInt16(3 << 8 | 45))
        begin(&writer, isStreamed: isStreamed)
        writer.append(checksum ?? 0)
        for _ in 0..<2 { writer.append(UInt32(min(size, 0xFFFF_FFFF))) }
        writer.append(UInt16(name.count))
        writer.append(UInt16(extra.bytes.count))
        writer.append(zeros: 6)
        // The upper half is st_mode, the lower one what DOS would say.
        writer.append(entry.statMode << 16 | (entry.node.isDirectory ? 0x10 : 0))
        writer.append(isFar ? UInt32(0xFFFF_FFFF) : UInt32(offset))
        writer.append(bytes: name)
        writer.append(bytes: extra.bytes)
        return writer.bytes
    }

    /// Info-ZIP's fields: the time in seconds, where 32 bits hold it, and the numbers of the owners.
    private var unixExtra: [UInt8] {
        var writer = ByteWriter()
        if let seconds = Int32(exactly: entry.modified.seconds) {
            writer.append(UInt16(0x5455))
            writer.append(UInt16(5))
            writer.append(UInt8(1))
            writer.append(seconds)
        }
        writer.append(UInt16(0x7875))
        writer.append(UInt16(11))
        writer.append(UInt8(1))
        for id in [entry.userID, entry.groupID] {
            writer.append(UInt8(4))
            writer.append(id)
        }
        return writer.bytes
    }
}
