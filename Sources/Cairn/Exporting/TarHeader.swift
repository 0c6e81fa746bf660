import Posix

//  name 100 │ mode 8 │ uid 8 │ gid 8 │ size 12 │ mtime 12 │ checksum 8 │ type 1 │ link 100 │ "ustar\0" 6 │ "00" 2 │ user 32 │ group 32 │
//  major 8 │ minor 8 │ prefix 155 │ zeros 12. Numbers are octal text. What has no room goes into a pax header before it: lines of
//  "length key=value\n".

/// The header of one member of a tar archive, in the form of POSIX 1003.1-2001 (pax).
struct TarHeader {
    enum Kind: Character {
        case file = "0"
        case hardLink = "1"
        case symbolicLink = "2"
        case characterDevice = "3"
        case blockDevice = "4"
        case directory = "5"
        case fifo = "6"
    }

    let kind: Kind
    var name: [UInt8]
    var size: UInt64 = 0
    var target: [UInt8] = []
    var device: (major: UInt32, minor: UInt32) = (0, 0)
    private let entry: TreeEntry
    private var records: [UInt8] = []

    init(_ kind: Kind, name: [UInt8], _ entry: TreeEntry) {
        self.kind = kind
        self.name = name
        self.entry = entry
    }

    /// Adds a pax record. Its length counts itself.
    mutating func add(_ key: String, _ value: [UInt8]) { add(Array(key.utf8), value) }

    mutating func add(_ key: [UInt8], _ value: [UInt8]) {
        let rest = key.count + value.count + 3
        var length = rest + 1
        while "\(length)".utf8.count + rest != length { length = "\(length)".utf8.count + rest }
        records += Array("\(length) ".utf8) + key + [UInt8(ascii: "=")] + value + [UInt8(ascii: "\n")]
    }

    /// The header's blocks: with a pax header before it where it needs one.
    mutating func encode() -> [UInt8] {
        var block = Block(kind.rawValue)
        addText("path", name, room: 100)
        block.put(name, at: 0, room: 100)
        addText("linkpath", target, room: 100)
        block.put(target, at: 157, room: 100)
        block.put(octal: UInt64(entry.mode), at: 100, width: 8)
        addNumber("uid", UInt64(entry.userID), &block, at: 108, width: 8)
        addNumber("gid", UInt64(entry.groupID), &block, at: 116, width: 8)
        addNumber("size", size, &block, at: 124, width: 12)
        addTime(&block)
        addText("uname", entry.userName, room: 31)
        block.put(entry.userName, at: 265, room: 31)
        addText("gname", entry.groupName, room: 31)
        block.put(entry.groupName, at: 297, room: 31)
        block.put(octal: UInt64(device.major), at: 329, width: 8)
        block.put(octal: UInt64(device.minor), at: 337, width: 8)
        if kind != .hardLink { addAttributes() }
        return paxHeader + block.finished
    }

    /// Text that has no room, or that is no ASCII: of that only the pax header says the encoding. Bytes that are no text stay where
    /// they fit, for programs leave them alone there.
    private mutating func addText(_ key: String, _ text: [UInt8], room: Int) {
        let isText = String(validating: text, as: UTF8.self) != nil
        let fits = text.count <= room
        if fits && (!isText || text.allSatisfy { $0 < 0x80 }) { return }
        if !isText && !records.starts(with: Self.binary) { records = Self.binary + records }
        add(key, text)
    }

    private static let binary = Array("21 hdrcharset=BINARY\n".utf8)

    private mutating func addNumber(_ key: String, _ number: UInt64, _ block: inout Block, at offset: Int, width: Int) {
        if number >> (3 * UInt64(width - 1)) == 0 { return block.put(octal: number, at: offset, width: width) }
        add(key, Array("\(number)".utf8))
    }

    private mutating func addTime(_ block: inout Block) {
        let time = entry.modified
        if (0..<(1 << 33)).contains(time.seconds) { block.put(octal: UInt64(time.seconds), at: 136, width: 12) }
        guard time.nanoseconds > 0 || !(0..<(1 << 33)).contains(time.seconds) else { return }
        // What lies before 1970 is written as a sign and the distance.
        let isBorrowing = time.seconds < 0 && time.nanoseconds > 0
        let seconds = (isBorrowing ? time.seconds + 1 : time.seconds).magnitude
        let nanoseconds = isBorrowing ? 1_000_000_000 - time.nanoseconds : time.nanoseconds
        let digits = "\(nanoseconds)"
        let fraction = nanoseconds == 0 ? "" : "." + String(repeating: "0", count: 9 - digits.utf8.count) + digits
        add("mtime", Array("\(time.seconds < 0 ? "-" : "")\(seconds)\(fraction)".utf8))
    }

    /// As GNU tar and bsdtar write them; in names, what the record's form would misread is escaped. Access control lists stand there as
    /// text too: from their attributes alone, those programs do not set them.
    private mutating func addAttributes() {
        for (name, key) in Self.accessLists {
            guard let attribute = entry.attributes.first(where: { $0.name.elementsEqual(name.utf8) }) else { continue }
            if let list = AccessList(attribute.value) { add(key, Array(list.text.utf8)) }
        }
        for attribute in entry.attributes {
            var key = Array("SCHILY.xattr.".utf8)
            for byte in attribute.name {
                switch byte {
                case UInt8(ascii: "%"): key += "%25".utf8
                case UInt8(ascii: "="): key += "%3D".utf8
                default: key.append(byte)
                }
            }
            add(key, attribute.value)
        }
    }

    private static let accessLists = [
        ("system.posix_acl_access", "SCHILY.acl.access"), ("system.posix_acl_default", "SCHILY.acl.default"),
    ]

    private var paxHeader: [UInt8] {
        guard !records.isEmpty else { return [] }
        var block = Block("x")
        block.put(Array("PaxHeaders/".utf8) + Path(name).lastComponent, at: 0, room: 100)
        block.put(octal: 0o644, at: 100, width: 8)
        for offset in [108, 116] { block.put(octal: 0, at: offset, width: 8) }
        block.put(octal: UInt64(records.count), at: 124, width: 12)
        block.put(octal: 0, at: 136, width: 12)
        let padding = [UInt8](repeating: 0, count: (512 - records.count % 512) % 512)
        return block.finished + records + padding
    }

    /// The 512 bytes.
    private struct Block {
        private var bytes = [UInt8](repeating: 0, count: 512)

        init(_ type: Character) {
            bytes[156] = type.asciiValue ?? 0
            put(Array("ustar\u{0}00".utf8), at: 257, room: 8)
        }

        mutating func put(_ text: [UInt8], at offset: Int, room: Int) {
            bytes.replaceSubrange(offset..<offset + min(text.count, room), with: text.prefix(room))
        }

        /// Digits and a NUL, or so many ones as there is room for.
        mutating func put(octal number: UInt64, at offset: Int, width: Int) {
            let digits = String(min(number, 1 << (3 * UInt64(width - 1)) - 1), radix: 8)
            put(
                Array((String(repeating: "0", count: width - 1 - digits.utf8.count) + digits).utf8), at: offset,
                room: width)
        }

        /// With the checksum: the sum of all bytes, itself counted as blanks.
        var finished: [UInt8] {
            var block = self
            block.put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148, room: 8)
            let sum = block.bytes.reduce(UInt64(0)) { $0 + UInt64($1) }
            block.put(octal: sum, at: 148, width: 7)
            block.bytes[154] = 0
            return block.bytes
        }
    }
}
