import Bytes
import ChunkStore
import Crypto
import Posix

//  length 4 │ kind 1 │ flags 1 │ name 2+n │ mode 4 │ uid 4 │ gid 4 │ user 1+n │ group 1+n │ mtime 8+4 │ size 8 │ own │ [link 8] │ [xattrs]

extension TreeEntry {
    private enum Flag {
        static let digest: UInt8 = 1
        static let holes: UInt8 = 2
        static let link: UInt8 = 4
        static let attributes: UInt8 = 8
        static let all: UInt8 = 15
    }

    /// The name of the one entry in a root chunk.
    static let rootName = [UInt8(ascii: "/")]

    /// Where names lead from the root on. It is put together when it is asked for: all paths of a deep tree would be very long.
    static func path(of names: [[UInt8]]) -> [UInt8] {
        names.isEmpty ? rootName : names.reduce(into: []) { $0 += [UInt8(ascii: "/")] + $1 }
    }

    // MARK: Writing

    /// The entry as it is stored. What exceeds the format's limits is the caller's mistake: names, targets and attributes of
    /// Linux never do.
    func encode() -> [UInt8] {
        var body = ByteWriter(capacity: 160 + name.count)
        body.append(node.code)
        body.append(flags)
        body.append(UInt16(name.count))
        body.append(bytes: name)
        body.append(mode)
        body.append(userID)
        body.append(groupID)
        for owner in [userName, groupName] {
            let kept = owner.prefix(TreeLimits.ownerBytes)
            body.append(UInt8(kept.count))
            body.append(bytes: kept)
        }
        body.append(modified.seconds)
        body.append(modified.nanoseconds)
        encodeNode(into: &body)
        if let linkGroup { body.append(linkGroup) }
        if !attributes.isEmpty {
            body.append(UInt16(attributes.count))
            for attribute in attributes {
                body.append(UInt8(attribute.name.count))
                body.append(bytes: attribute.name)
                body.append(UInt32(attribute.value.count))
                body.append(bytes: attribute.value)
            }
        }
        var whole = ByteWriter(capacity: body.bytes.count + 4)
        whole.append(UInt32(body.bytes.count))
        whole.append(bytes: body.bytes)
        return whole.bytes
    }

    private var flags: UInt8 {
        var flags: UInt8 = 0
        if case .file(_, let content, _, let holes) = node {
            if !content.namesItsDigest { flags |= Flag.digest }
            if holes != .empty { flags |= Flag.holes }
        }
        if linkGroup != nil { flags |= Flag.link }
        if !attributes.isEmpty { flags |= Flag.attributes }
        return flags
    }

    private func encodeNode(into body: inout ByteWriter) {
        if case .file(let size, let content, let digest, let holes) = node {
            body.append(size)
            content.encode(into: &body)
            if !content.namesItsDigest { body.append(digest) }
            if holes != .empty { holes.encode(into: &body) }
            return
        }
        body.append(UInt64(0))
        switch node {
        case .directory(let content, let digest):
            body.append(digest)
            content.encode(into: &body)
        case .symbolicLink(let target):
            body.append(UInt16(target.count))
            body.append(bytes: target)
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
            body.append(major)
            body.append(minor)
        case .file, .fifo, .socket: break
        }
    }

    // MARK: Reading

    /// Reads the entries of one page; their names must ascend.
    static func decodePage(_ bytes: [UInt8]) throws(MalformedBytes) -> [TreeEntry] {
        var reader = ByteReader(bytes)
        var entries: [TreeEntry] = []
        while reader.remaining > 0 {
            let entry = try TreeEntry(from: &reader)
            try reader.expect(entry.hasPlainName, "a name that no directory can hold")
            if let last = entries.last {
                try reader.expect(last.name.lexicographicallyPrecedes(entry.name), "names out of order")
            }
            entries.append(entry)
        }
        return entries
    }

    /// Reads one entry that stands alone.
    static func decodeOne(_ bytes: [UInt8]) throws(MalformedBytes) -> TreeEntry {
        var reader = ByteReader(bytes)
        let entry = try TreeEntry(from: &reader)
        try reader.expect(reader.remaining == 0, "bytes behind the entry")
        return entry
    }

    /// Reads the one entry of a root chunk.
    static func decodeRoot(_ bytes: [UInt8]) throws(MalformedBytes) -> TreeEntry {
        var reader = ByteReader(bytes)
        let entry = try TreeEntry(from: &reader)
        guard reader.remaining == 0, entry.name == rootName, entry.node.isDirectory else {
            throw reader.malformed("this is not the root of a tree")
        }
        return entry
    }

    private var hasPlainName: Bool {
        !name.contains(UInt8(ascii: "/")) && !name.contains(0) && name != [46] && name != [46, 46]
    }

    private init(from reader: inout ByteReader) throws(MalformedBytes) {
        let length = Int(try reader.uint32())
        try reader.expect(length <= TreeLimits.entryBytes, "an entry of \(length) bytes")
        var body = ByteReader(try reader.bytes(length))
        let kind = try body.uint8()
        let flags = try body.uint8()
        try body.expect(flags & ~Flag.all == 0, "unknown flags \(flags)")
        let nameLength = Int(try body.uint16())
        try body.expect((1...TreeLimits.nameBytes).contains(nameLength), "a name of \(nameLength) bytes")
        name = try body.bytes(nameLength)
        mode = try body.uint32()
        try body.expect(mode <= 0o7777, "a mode of more than twelve bits")
        userID = try body.uint32()
        groupID = try body.uint32()
        userName = try body.bytes(Int(try body.uint8()))
        groupName = try body.bytes(Int(try body.uint8()))
        modified = FileTime(seconds: try body.int64(), nanoseconds: try body.uint32())
        try body.expect(modified.nanoseconds < 1_000_000_000, "more nanoseconds than a second has")
        node = try Self.node(kind: kind, flags: flags, &body)
        if flags & Flag.link != 0 {
            try body.expect(kind != 2, "a directory with hard links")
            linkGroup = try body.uint64()
        }
        if flags & Flag.attributes != 0 { attributes = try Self.attributes(&body) }
    }

    private static func node(kind: UInt8, flags: UInt8, _ body: inout ByteReader) throws(MalformedBytes) -> Node {
        let size = try body.uint64()
        try body.expect(kind == 1 || (size == 0 && flags & (Flag.digest | Flag.holes) == 0), "what only files have")
        switch kind {
        case 1: return try file(size: size, flags: flags, &body)
        case 2:
            let digest = try body.digest()
            return .directory(content: try Content(from: &body), digest: digest)
        case 3:
            let length = Int(try body.uint16())
            try body.expect((1...TreeLimits.targetBytes).contains(length), "a target of \(length) bytes")
            return .symbolicLink(target: try body.bytes(length))
        case 4: return .fifo
        case 5: return .socket
        case 6: return .characterDevice(major: try body.uint32(), minor: try body.uint32())
        case 7: return .blockDevice(major: try body.uint32(), minor: try body.uint32())
        default: throw body.malformed("an entry of kind \(kind)")
        }
    }

    private static func file(size: UInt64, flags: UInt8, _ body: inout ByteReader) throws(MalformedBytes) -> Node {
        let content = try Content(from: &body)
        try body.expect(content.byteCount == size, "a file's content has another length than the file")
        try body.expect(
            content.namesItsDigest == (flags & Flag.digest == 0), "a digest where none is needed, or none where one is")
        let digest: SHA256Digest
        switch content {
        case .empty: digest = SHA256.digest([])
        case .chunks(let chunks) where chunks.count == 1: digest = chunks[0].id.digest
        default: digest = try body.digest()
        }
        let holes = flags & Flag.holes == 0 ? .empty : try Content(from: &body)
        try body.expect((holes == .empty) == (flags & Flag.holes == 0), "no holes where there should be some")
        return .file(size: size, content: content, digest: digest, holes: holes)
    }

    private static func attributes(_ body: inout ByteReader) throws(MalformedBytes) -> [ExtendedAttribute] {
        let count = Int(try body.uint16())
        try body.expect(count > 0, "no attributes where there should be some")
        var attributes: [ExtendedAttribute] = []
        for _ in 0..<count {
            let nameLength = Int(try body.uint8())
            try body.expect(nameLength > 0, "an attribute without a name")
            let name = try body.bytes(nameLength)
            let valueLength = Int(try body.uint32())
            try body.expect(valueLength <= TreeLimits.attributeValueBytes, "an attribute of \(valueLength) bytes")
            if let last = attributes.last {
                try body.expect(last.name.lexicographicallyPrecedes(name), "attributes out of order")
            }
            attributes.append(ExtendedAttribute(name: name, value: try body.bytes(valueLength)))
        }
        return attributes
    }
}

extension Content {
    /// Whether the content's SHA-256 can be read off it: that of no bytes, or the id of the only chunk.
    fileprivate var namesItsDigest: Bool {
        switch self {
        case .empty: true
        case .chunks(let chunks): chunks.count == 1
        case .inline, .lists: false
        }
    }
}
