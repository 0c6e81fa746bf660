public import ChunkStore
public import Crypto
public import Posix

/// One name in a directory, with everything that is kept of it.
public struct TreeEntry: Hashable, Sendable {
    /// The name's bytes.
    public var name: [UInt8]
    /// Permissions: the lowest twelve bits of `st_mode`.
    public var mode: UInt32
    /// The owner's number.
    public var userID: UInt32
    /// The group's number.
    public var groupID: UInt32
    /// The owner's name; empty where the number has none.
    public var userName: [UInt8] = []
    /// The group's name; empty where the number has none.
    public var groupName: [UInt8] = []
    /// When the content changed last.
    public var modified: FileTime
    /// What it is, and what only such things have.
    public var node: Node
    /// Which group of hard links it belongs to; nil for a file with one name.
    public var linkGroup: UInt64?
    /// Extended attributes, sorted by name.
    public var attributes: [ExtendedAttribute] = []

    /// Makes an entry.
    public init(
        name: [UInt8], mode: UInt32, userID: UInt32, groupID: UInt32, modified: FileTime, node: Node
    ) {
        self.name = name
        self.mode = mode
        self.userID = userID
        self.groupID = groupID
        self.modified = modified
        self.node = node
    }

    /// What an entry is.
    public enum Node: Hashable, Sendable {
        /// A regular file: its length, where its bytes are, their SHA-256, and which stretches are holes.
        case file(size: UInt64, content: Content, digest: SHA256Digest, holes: Content)
        /// A directory: where its entries are, and what they prove.
        case directory(content: Content, digest: SHA256Digest)
        /// A symbolic link, with its target.
        case symbolicLink(target: [UInt8])
        /// A named pipe.
        case fifo
        /// A socket.
        case socket
        /// A character device.
        case characterDevice(major: UInt32, minor: UInt32)
        /// A block device.
        case blockDevice(major: UInt32, minor: UInt32)
    }
}

/// A named value that a file system keeps beside a file.
public struct ExtendedAttribute: Hashable, Sendable {
    /// The name with its name space: `user.comment`.
    public var name: [UInt8]
    /// Any bytes, also none.
    public var value: [UInt8]

    /// Makes an attribute.
    public init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// Where bytes are: of a file, of a directory's entries, of a list of holes.
public enum Content: Hashable, Sendable {
    /// There are none.
    case empty
    /// Here.
    case inline([UInt8])
    /// In these chunks, joined.
    case chunks([ChunkReference])
    /// In the chunks that lists name. With depth 1 a list holds chunks, with more it holds lists of the depth below.
    case lists(depth: Int, [ListReference])

    /// A chunk that lists what a long content consists of.
    public struct ListReference: Hashable, Sendable {
        /// The chunk.
        public let id: ChunkID
        /// How many bytes of the content are below it.
        public let byteCount: UInt64

        /// Refers to a list.
        public init(id: ChunkID, byteCount: UInt64) {
            self.id = id
            self.byteCount = byteCount
        }
    }

    /// How many bytes there are; nil where the sum is beyond counting.
    public var byteCount: UInt64? {
        switch self {
        case .empty: return 0
        case .inline(let bytes): return UInt64(bytes.count)
        case .chunks(let chunks): return chunks.reduce(0) { $0 + UInt64($1.length) }
        case .lists(_, let lists):
            var sum: UInt64 = 0
            for list in lists {
                let (more, isTooMuch) = sum.addingReportingOverflow(list.byteCount)
                if isTooMuch { return nil }
                sum = more
            }
            return sum
        }
    }
}
