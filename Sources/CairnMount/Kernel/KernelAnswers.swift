internal import Glibc
internal import Posix

/// Why a question is answered with an error.
struct Refusal: Error {
    let errno: Int32

    static let notThere = Refusal(errno: ENOENT)
    static let damaged = Refusal(errno: EIO)
    static let invalid = Refusal(errno: EINVAL)
    static let noData = Refusal(errno: ENODATA)
    static let tooSmall = Refusal(errno: ERANGE)
    static let beyondTheEnd = Refusal(errno: ENXIO)
    static let gone = Refusal(errno: ESTALE)
}

/// What `stat` tells of a node.
struct NodeAttributes {
    var inode: UInt64
    var size: UInt64 = 0
    /// In units of 512 bytes.
    var blocks: UInt64 = 0
    var modified: FileTime
    /// Kind and permissions, as in `st_mode`.
    var mode: UInt32
    var links: UInt32 = 1
    var userID: UInt32
    var groupID: UInt32
    var device: (major: UInt32, minor: UInt32) = (0, 0)
}

/// For how long the kernel may keep an answer.
enum Durability {
    /// Snapshots come and go.
    case fleeting
    /// What a snapshot holds never changes.
    case lasting

    var seconds: Double {
        switch self {
        case .fleeting: 1
        case .lasting: 86_400
        }
    }
}

/// What a name leads to.
struct NodeEntry {
    var node: NodeID
    var attributes: NodeAttributes
    var durability: Durability
}

/// A listing on its way to the kernel.
protocol ListingSink {
    /// Adds an entry, and where to go on behind it; false where there is no more room.
    mutating func add(_ name: [UInt8], _ entry: NodeEntry, next: UInt64) -> Bool
    /// Whether the kernel wants more of each entry than its name and kind.
    var wantsAttributes: Bool { get }
}

/// A file system that is only read. Called by several threads at once.
protocol ReadOnlyFileSystem: Sendable {
    func lookup(_ name: [UInt8], in folder: NodeID) throws(Refusal) -> NodeEntry
    func attributes(of node: NodeID) throws(Refusal) -> (NodeAttributes, Durability)
    func linkTarget(of node: NodeID) throws(Refusal) -> [UInt8]
    /// A number for the open file.
    func open(_ node: NodeID) throws(Refusal) -> UInt64
    func read(_ handle: UInt64, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Refusal) -> Int
    func seek(_ handle: UInt64, from offset: UInt64, toHole: Bool) throws(Refusal) -> UInt64
    func close(_ handle: UInt64)
    /// The kernel keeps the listing until the folder's time is another.
    func list(_ node: NodeID, from offset: UInt64, into sink: inout some ListingSink) throws(Refusal)
    func attributeNames(of node: NodeID) throws(Refusal) -> [[UInt8]]
    func attribute(_ name: [UInt8], of node: NodeID) throws(Refusal) -> [UInt8]
    /// How many bytes the file system takes, and how many files it shows.
    func space() -> (bytes: UInt64, files: UInt64)
}
