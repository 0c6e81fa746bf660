internal import Bytes

//  version 2 (4) │ entries: what it is (2) │ permissions (2) │ id (4)

/// An access control list, read from the attribute that the kernel keeps it in, and written as the text that archives have.
struct AccessList {
    private static let version: UInt32 = 2

    private enum Tag: UInt16 {
        case owner = 0x01
        case user = 0x02
        case owningGroup = 0x04
        case group = 0x08
        case mask = 0x10
        case other = 0x20
    }

    private struct Entry {
        let tag: Tag
        let permissions: UInt16
        let id: UInt32
    }

    private let entries: [Entry]

    /// Reads an attribute's value; nil where it is no list, or an empty one.
    init?(_ value: [UInt8]) {
        var reader = ByteReader(value)
        var entries: [Entry] = []
        do throws(MalformedBytes) {
            guard try reader.uint32() == Self.version else { return nil }
            while reader.remaining > 0 {
                let (tag, permissions, id) = (try reader.uint16(), try reader.uint16(), try reader.uint32())
                guard let tag = Tag(rawValue: tag), permissions < 8 else { return nil }
                entries.append(Entry(tag: tag, permissions: permissions, id: id))
            }
        } catch { return nil }
        if entries.isEmpty { return nil }
        self.entries = entries
    }

    /// The entries with commas between them: `user::rwx,user:1000:r--,group::r-x,mask::r-x,other::---`. Users and groups are numbers: their
    /// names may mean others, or nobody, where the archive is unpacked.
    var text: String {
        entries.map { entry in
            let (bits, letters) = (entry.permissions, Array("rwx"))
            let shown = (0..<3).map { bits & (4 >> $0) == 0 ? "-" : letters[$0] }
            return "\(Self.name(entry)):\(String(shown))"
        }.joined(separator: ",")
    }

    private static func name(_ entry: Entry) -> String {
        switch entry.tag {
        case .owner: "user:"
        case .user: "user:\(entry.id)"
        case .owningGroup: "group:"
        case .group: "group:\(entry.id)"
        case .mask: "mask:"
        case .other: "other:"
        }
    }
}
