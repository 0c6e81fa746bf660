import ChunkStore
import Posix
import Storage
import TestSupport

/// What a program does with a repository, from making it on: the same whenever it is run, also on a repository that an
/// earlier run of it has left behind half done.
struct Scenario: Sendable {
    let isEncrypted: Bool

    /// What has returned so far, and so must hold from then on, whatever happens next.
    struct Progress: Sendable {
        var isCreated = false
        var roots: [String] = []
        /// Whether the second key has been added and not been asked to go.
        var hasSecondKey = false
    }

    var credentials: [Credential] { isEncrypted ? [TestKey.file(1)] : [] }
    static let secondKey = TestKey.file(2)

    /// Runs it to the end or to the first error; either way `progress` tells how far it came. `mark` is called after each
    /// promise with the new progress.
    func run(
        on storage: any Storage, cache: Path, progress: inout Progress, mark: (Progress) -> Void = { _ in }
    ) throws(StoreError) {
        let store = try openOrCreate(storage, cache: cache)
        progress.isCreated = true
        mark(progress)
        try firstSession(store, &progress, mark)
        try secondSession(store, &progress, mark)
        if isEncrypted { try keys(store, &progress, mark) }
    }

    private func openOrCreate(_ storage: any Storage, cache: Path) throws(StoreError) -> Store {
        let options = StoreOptions.small(cache: cache)
        do throws(StoreError) {
            return try Store.create(
                in: storage, encryption: isEncrypted ? .aes256GCM : .none, credentials: credentials, options: options)
        } catch {
            guard error.code == .alreadyExists else { throw error }
            return try Store.open(storage, credentials: credentials, options: options)
        }
    }

    /// Small chunks and a large stream in a data pack; then trees, with a little more data, in a tree pack.
    private func firstSession(
        _ store: Store, _ progress: inout Progress, _ mark: (Progress) -> Void
    ) throws(StoreError) {
        let session = try store.write(for: "first")
        defer { session.close() }
        var references: [RootReference] = []
        for text in Self.texts[..<8] { references.append(.init(kind: .data, id: try session.put(text))) }
        references += try put(Self.large, into: session)
        try session.flush()
        for text in Self.texts[8..<12] { references.append(.init(kind: .data, id: try session.put(text))) }
        try commit("first", references, in: session, &progress, mark)
    }

    /// Much that is known, some that is new, in one pack; then another commit in the same session.
    private func secondSession(
        _ store: Store, _ progress: inout Progress, _ mark: (Progress) -> Void
    ) throws(StoreError) {
        let session = try store.write(for: "second")
        defer { session.close() }
        var references: [RootReference] = []
        for text in Self.texts[4...] { references.append(.init(kind: .data, id: try session.put(text))) }
        references += try put(Self.largeChanged, into: session)
        try commit("second", references, in: session, &progress, mark)
        let reader = try store.reader()
        defer { reader.close() }
        _ = try reader.get(references[0].id)
        references.append(.init(kind: .data, id: try session.put(Array("one more".utf8))))
        try commit("third", references, in: session, &progress, mark)
    }

    private func keys(
        _ store: Store, _ progress: inout Progress, _ mark: (Progress) -> Void
    ) throws(StoreError) {
        if try store.key(opening: Self.secondKey) == nil { try store.addKey(Self.secondKey) }
        progress.hasSecondKey = true
        mark(progress)
        progress.hasSecondKey = false
        mark(progress)
        if let key = try store.key(opening: Self.secondKey) { try store.removeKey(key) }
    }

    private func put(_ bytes: [UInt8], into session: WriteSession) throws(StoreError) -> [RootReference] {
        var references: [RootReference] = []
        let stream = try session.stream { references.append(.init(kind: .data, id: $0.id)) }
        try stream.write(bytes)
        try stream.finish()
        return references
    }

    private func commit(
        _ name: String, _ references: [RootReference], in session: WriteSession, _ progress: inout Progress,
        _ mark: (Progress) -> Void
    ) throws(StoreError) {
        let tree = try session.put(TestTree.encode(references), as: .tree)
        let root = try session.commit(Array(name.utf8), references: [.init(kind: .tree, id: tree)])
        progress.roots.append(root.id)
        mark(progress)
    }

    // MARK: Data

    private static let texts: [[UInt8]] = {
        var data = SplitMix64(seed: 11)
        return (0..<16).map { _ in data.text(300 + data.number(below: 6_000)) }
    }()

    /// More than a stream's first segment, so that it goes the way of large streams.
    private static let large: [UInt8] = {
        var data = SplitMix64(seed: 12)
        return data.bytes(270_000) + data.text(270_000)
    }()

    private static let largeChanged: [UInt8] = {
        var data = SplitMix64(seed: 13)
        return large[..<90_000] + data.bytes(60_000)
    }()
}
