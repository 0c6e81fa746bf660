import ChunkStore
import Crypto

/// A chunk that a snapshot needs, as the walk meets it.
struct ReachedChunk: Hashable, Sendable {
    /// The chunk.
    let id: ChunkID
    /// What it is read as.
    let role: ReachRole
    /// Its length, where what names it says that.
    let length: UInt32?

    /// What it is stored as.
    var kind: ChunkKind { role == .data ? .data : .tree }

    /// Equal for what is the same in every respect that matters to a walk, and short: the id, then the role.
    var key: [UInt8] { id.digest.bytes + [role.code] }
}

/// What a chunk is read as. The same bytes may stand in several roles, and what is below them differs: whoever remembers where a walk has
/// been remembers the role too.
enum ReachRole: Hashable, Sendable {
    /// Bytes of a file, or of a list of errors: nothing is below.
    case data
    /// The one entry `/` of a snapshot.
    case root
    /// Entries of a directory.
    case page
    /// Some of a file's holes: nothing is below.
    case holes
    /// A list of chunks of this role, or of lists of the depth below.
    case list(of: Member, depth: Int)

    /// What the lists of a content list in the end.
    enum Member: UInt8, Hashable, Sendable {
        /// Bytes of a file.
        case data = 1
        /// Entries of a directory.
        case page = 2
        /// Holes of a file.
        case holes = 3

        /// The role of the chunks themselves.
        var role: ReachRole {
            switch self {
            case .data: .data
            case .page: .page
            case .holes: .holes
            }
        }
    }

    /// A number that stands for it and for no other.
    var code: UInt8 {
        switch self {
        case .root: 0
        case .data, .page, .holes: member.rawValue
        case .list(let member, let depth): member.rawValue << 4 | UInt8(clamping: depth)
        }
    }

    private var member: Member {
        switch self {
        case .data: .data
        case .holes: .holes
        case .list(let member, _): member
        case .root, .page: .page
        }
    }
}
