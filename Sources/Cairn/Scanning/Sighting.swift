import Posix

/// Something that the walk over the sources met.
struct Sighting: Sendable {
    /// What was met.
    enum Kind: Sendable {
        /// Anything but a folder.
        case item(FileStatus)
        /// A folder. What is in it comes next, and then its end.
        case folder(FileStatus, FolderNode)
        /// A folder of which nothing more comes: it could not be listed, or not even opened.
        indirect case unlisted(FileStatus, FolderNode, PosixError)
        /// A folder that is passed by.
        case avoided(FileStatus, FolderNode)
        /// The kernel does not tell what it is.
        case unknown(PosixError)
        /// The root, being the one source. What is in it comes next, and then its end.
        case root(FolderAssembly, FolderNode)
        /// The end of the folder that began last and has not ended yet.
        case end
    }

    /// A source itself.
    final class Source: Sendable {
        let index: Int
        let slot: FolderAssembly.Slot
        /// What is known of it.
        let old: JournalItem?
        /// What it is a name in.
        let folder: FolderNode

        init(index: Int, slot: FolderAssembly.Slot, old: JournalItem?, folder: FolderNode) {
            self.index = index
            self.slot = slot
            self.old = old
            self.folder = folder
        }
    }

    let kind: Kind
    let name: [UInt8]
    /// Nil for what lies in a source.
    var source: Source?
}

/// What the walk met in a row. It is handed over in such pieces, for a lock for each name would cost more than the walk ahead gains.
struct Sightings: Sendable {
    private static let looksMax = 256
    /// Each open folder counts against what the kernel allows.
    private static let foldersMax = 16

    /// Before anything here was looked at.
    let moment = FileTime.now
    private(set) var all: [Sighting] = []
    private var looks = 0
    private var folders = 0

    init() { all.reserveCapacity(Self.looksMax) }

    /// Whether it is time to hand them over.
    var isFull: Bool { looks >= Self.looksMax || folders >= Self.foldersMax }

    /// Counts a name that is left out.
    mutating func passBy() { looks += 1 }

    mutating func append(_ sighting: Sighting) {
        all.append(sighting)
        looks += 1
        if case .folder = sighting.kind { folders += 1 }
    }
}
