import Bytes
import Posix

//  flags 1 │ inode 8 │ size 8 │ mtime 8+4 │ ctime 8+4 │ the entry as a tree holds it (it begins with its length)

/// What the journal remembers of one name: what `lstat` said when it was read, and the entry that came of it. It is kept as bytes, for most
/// are only compared.
struct JournalItem: Sendable {
    private static let inodeOffset = 1
    private static let sizeOffset = 9
    private static let entryOffset = 41
    /// It was read so soon after it changed that a later change could have left no trace.
    private static let freshFlag: UInt8 = 1

    /// All of it.
    let bytes: [UInt8]

    init(_ status: FileStatus, isFresh: Bool, entry: [UInt8]) {
        self.init(
            isFresh: isFresh, inode: status.inode, size: status.size, modified: status.modified,
            changed: status.changed, entry: entry)
    }

    /// What a snapshot remembers of a file: neither its inode nor when anything but its content changed. It can be trusted only if somebody says so.
    init(_ entry: TreeEntry, isTrusted: Bool) {
        self.init(
            isFresh: !isTrusted, inode: 0, size: entry.node.fileSize ?? 0, modified: entry.modified,
            changed: FileTime(seconds: 0, nanoseconds: 0), entry: entry.encode())
    }

    private init(
        isFresh: Bool, inode: UInt64, size: UInt64, modified: FileTime, changed: FileTime, entry: [UInt8]
    ) {
        var writer = ByteWriter(capacity: Self.entryOffset + entry.count)
        writer.append(isFresh ? Self.freshFlag : 0)
        writer.append(inode)
        writer.append(size)
        writer.append(modified.seconds)
        writer.append(modified.nanoseconds)
        writer.append(changed.seconds)
        writer.append(changed.nanoseconds)
        writer.append(bytes: entry)
        bytes = writer.bytes
    }

    /// Takes the next item of a page.
    init(from reader: inout ByteReader) throws(MalformedBytes) {
        var ahead = reader
        try ahead.skip(Self.entryOffset)
        let entryBytes = 4 + Int(try ahead.uint32())
        try reader.expect(entryBytes > 8, "an entry that is too short")
        bytes = try reader.bytes(Self.entryOffset + entryBytes)
    }

    /// One item that stands alone.
    init(whole bytes: [UInt8]) throws(MalformedBytes) {
        var reader = ByteReader(bytes)
        try self.init(from: &reader)
    }

    /// The entry's bytes.
    var entryBytes: [UInt8] { Array(bytes[Self.entryOffset...]) }

    /// The entry.
    func entry() throws(MalformedBytes) -> TreeEntry { try TreeEntry.decodeOne(entryBytes) }

    /// The entry's name.
    var name: ArraySlice<UInt8> {
        // length 4 │ kind 1 │ flags 1 │ length of the name 2 │ name
        let start = Self.entryOffset + 8
        guard bytes.count >= start else { return [] }
        let length = Int(bytes[start - 2]) | Int(bytes[start - 1]) << 8
        return bytes[start..<min(start + length, bytes.count)]
    }

    /// What the entry is, as `TreeEntry.Node.code` says it.
    var kind: UInt8 { bytes[Self.entryOffset + 4] }

    /// The inode that it had; 0 where only a snapshot remembers it.
    var inode: UInt64 { field(at: Self.inodeOffset) }

    /// How long it was.
    var size: UInt64 { field(at: Self.sizeOffset) }

    private func field(at offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    }

    /// What may be overlooked when an item is compared with a file.
    struct Tolerance: Sendable {
        var ignoresInode = false
        var ignoresChangeTime = false
    }

    /// Whether the file can be taken for the one that was read.
    func isTrusted(_ status: FileStatus, _ tolerance: Tolerance) -> Bool {
        bytes.withUnsafeBytes { raw in
            func field<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type) -> Value {
                Value(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Value.self))
            }
            return raw[0] & Self.freshFlag == 0
                && (tolerance.ignoresInode || field(Self.inodeOffset, UInt64.self) == status.inode)
                && (field(Self.sizeOffset, UInt64.self) == status.size || !status.isRegular)
                && field(17, Int64.self) == status.modified.seconds
                && field(25, UInt32.self) == status.modified.nanoseconds
                && (tolerance.ignoresChangeTime
                    || (field(29, Int64.self) == status.changed.seconds
                        && field(37, UInt32.self) == status.changed.nanoseconds))
                && raw[Self.entryOffset + 4] == TreeEntry.Node.code(of: status.kind)
        }
    }
}
