import ChunkStore
import Crypto
import Posix

/// A directory on its way into the store. Its names come in order, what becomes of each in any order; as soon as the first ones are known
/// they go into pages, so that only what lies between the walk and the slowest file is held. Any thread may call.
///
/// As long as everything is as the journal remembers it, no page is built; if it stays so to the end, the directory is the same as before.
final class FolderAssembly: Sendable {
    /// What became of a name.
    enum Outcome: Sendable {
        /// It is as the journal has it.
        case same
        /// It is this.
        case item(JournalItem)
        /// It could not be read, and is not kept.
        case left
    }

    /// What became of the directory.
    enum Result: Sendable {
        /// It holds what it held before.
        case same
        /// It holds other things.
        case changed(content: Content, digest: SHA256Digest)
    }

    private struct State {
        var names: [[UInt8]] = []
        var outcomes: [Outcome?] = []
        var front = 0
        var isSealed = false
        /// How many names were the same; counted until something differs.
        var sameCount = 0
        /// Set once something differs.
        var builder: DirectoryBuilder?
        var pages: JournalPages?
        /// Where those that are the same are taken from once pages are built.
        var old: JournalCursor?
    }

    /// What is known of the directory itself.
    struct Own: Sendable {
        let status: FileStatus
        let attributes: [ExtendedAttribute]
        /// Whether it changed just before it was looked at.
        let isFresh: Bool
        /// What the journal has of it.
        let old: JournalItem?
        /// Which source it is, if it is one.
        var source: Int?
        /// Whether it is here only because sources lie below it.
        var leadsToSources = false
    }

    let own: Own
    /// Where this directory's own entry goes; nil for the root.
    let place: Slot?
    /// What the journal keeps it under.
    let key: FolderKey
    /// Whether the journal remembers it, so that names in it can be the same as before.
    let isKnown: Bool
    private let journal: Journal?
    private let reader: ChunkReader
    private let put: @Sendable ([UInt8], [ChunkID]) throws(CairnError) -> ChunkID
    private let state: Monitor<State>

    /// A place for an entry in a directory.
    struct Slot: Sendable {
        let folder: FolderAssembly
        let index: Int
        let name: [UInt8]

        /// What the journal keeps the name under.
        var key: FolderKey { folder.key.child(name) }

        /// The absolute path of the name, put together when it is asked for.
        var path: [UInt8] {
            var path = folder.path
            if path.last != UInt8(ascii: "/") { path.append(UInt8(ascii: "/")) }
            return path + name
        }
    }

    /// Its absolute path, put together when it is asked for: all those of a deep tree would be very long.
    var path: [UInt8] {
        var names: [[UInt8]] = []
        var above = self
        while above.key.hasDigest, let place = above.place {
            names.append(place.name)
            above = place.folder
        }
        return names.reversed().reduce(into: above.key.bytes) { path, name in
            path.append(UInt8(ascii: "/"))
            path += name
        }
    }

    /// Without a place it is the root. `isKnown` says that the journal remembers the directory, and that its pages are still stored. `put` stores
    /// a tree chunk that may have come from others; which there were, the reader tells.
    init(
        _ own: Own, place: Slot?, journal: Journal?, isKnown: Bool, reader: ChunkReader,
        put: @escaping @Sendable ([UInt8], [ChunkID]) throws(CairnError) -> ChunkID
    ) {
        self.own = own
        self.place = place
        key = place?.key ?? .root
        self.isKnown = isKnown
        self.journal = journal
        self.reader = reader
        self.put = put
        state = Monitor(State())
        if !isKnown { state.withLock { begin(&$0) } }
    }

    /// Makes a place for the next name.
    func slot(for name: [UInt8]) -> Slot {
        state.withLock { state in
            state.names.append(name)
            state.outcomes.append(nil)
            return Slot(folder: self, index: state.names.count - 1, name: name)
        }
    }

    /// Something that was here before is not here any more.
    func noteRemoval() throws(CairnError) {
        try state.withLock { state throws(CairnError) in try differ(&state) }
    }

    /// Says what became of a name; returns what became of the directory if that was the last one.
    func settle(_ index: Int, _ outcome: Outcome) throws(CairnError) -> Result? {
        try state.withLock { state throws(CairnError) in
            state.outcomes[index] = outcome
            return try advance(&state)
        }
    }

    /// There are no more names; returns what became of the directory if all of them are settled.
    func seal() throws(CairnError) -> Result? {
        try state.withLock { state throws(CairnError) in
            state.isSealed = true
            return try advance(&state)
        }
    }

    private func advance(_ state: inout State) throws(CairnError) -> Result? {
        while state.front < state.outcomes.count, let outcome = state.outcomes[state.front] {
            try take(outcome, state.names[state.front], &state)
            state.outcomes[state.front] = .left
            state.names[state.front] = []
            state.front += 1
        }
        guard state.isSealed, state.front == state.outcomes.count else { return nil }
        guard var builder = state.builder else { return .same }
        let (content, digest) = try builder.finish()
        state.builder = nil
        try state.pages?.finish()
        state.pages = nil
        return .changed(content: content, digest: digest)
    }

    private func take(_ outcome: Outcome, _ name: [UInt8], _ state: inout State) throws(CairnError) {
        switch outcome {
        case .same:
            guard state.builder != nil else { return state.sameCount += 1 }
            guard let item = try state.old?.find(name, skipped: { _ in }) else {
                throw CairnError(.system, "the journal changed while it was read", path: Path(path))
            }
            try append(item, &state)
        case .item(let item):
            try differ(&state)
            try append(item, &state)
        case .left: try differ(&state)
        }
    }

    /// From here on pages are built. What was the same so far comes first.
    private func differ(_ state: inout State) throws(CairnError) {
        guard state.builder == nil, let journal else { return }
        begin(&state)
        var old = JournalCursor(key.bytes, in: journal)
        for _ in 0..<state.sameCount {
            if let item = try old.next() { try append(item, &state) }
        }
        state.old = old
    }

    private func begin(_ state: inout State) {
        let earlier = (try? own.old?.entry())?.content
        state.builder = DirectoryBuilder(
            put: put,
            after: (
                pages: earlier.flatMap { Ancestry(chunksOf: $0, reader: reader) },
                lists: earlier.flatMap { Ancestry(listsOf: $0, reader: reader) }
            ))
        state.pages = journal.map { JournalPages(key.bytes, in: $0) }
    }

    private func append(_ item: JournalItem, _ state: inout State) throws(CairnError) {
        let encoded = item.entryBytes
        guard let entry = try? TreeEntry.decodeOne(encoded) else {
            throw CairnError(
                .system, "an entry cannot be read back", path: Path(path).appending(Path(item.name)))
        }
        try state.builder?.append(entry, encoded: encoded)
        try state.pages?.append(item)
    }
}
