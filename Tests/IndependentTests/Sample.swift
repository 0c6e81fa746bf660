import ChunkStore
import Independent
import Posix
import Storage
import TestSupport

/// What opens a sample.
enum Lock: CaseIterable, Sendable {
    case none, password, keyFile
}

/// A repository that a test makes, and a memory of all that was put into it.
final class Sample {
    let folder = try! TemporaryFolder()
    let store: Store
    let reader: IndependentReader
    private let credentials: [Credential]
    private(set) var chunks: [String: [UInt8]] = [:]
    private(set) var kinds: Set<String> = []

    init(_ lock: Lock, compression: CompressionLevel = .automatic, tierLike other: Store? = nil) throws {
        let path = folder.name("repository")
        var credentials: [Credential] = []
        var key: [String] = []
        switch lock {
        case .none: break
        case .password:
            // The second line is no part of the password.
            try folder.write(Array("Þe stane by the burn\r\nnot this\n".utf8), to: "password")
            credentials = [.password("Þe stane by the burn")]
            key = ["--password-file", folder.name("password")]
        case .keyFile:
            let made = try KeyFileText.make()
            try folder.write(made.text, to: "key")
            credentials = [made.credential]
            key = ["--key-file", folder.name("key")]
        }
        self.credentials = credentials
        try LocalDirectory.makeFolder(Path(path))
        store = try Store.create(
            in: LocalDirectory(Path(path)), encryption: lock == .none ? .none : .aes256GCM, credentials: credentials,
            label: "a test", like: other,
            options: StoreOptions(memoryBytes: 64 << 20, jobs: 2, compression: compression))
        reader = IndependentReader(path, key: key)
    }

    /// Opens it once more.
    func open() throws -> Store {
        try Store.open(
            LocalDirectory(folder.path.appending("repository")), credentials: credentials,
            options: .small(cache: nil))
    }

    /// Puts chunks in a session, which ends afterwards.
    func write(_ body: (WriteSession) throws -> Void) throws {
        let session = try store.write(for: "test")
        defer { session.close() }
        try body(session)
        try session.flush()
    }

    /// Puts a chunk and remembers it.
    @discardableResult
    func put(_ bytes: [UInt8], as kind: ChunkKind = .data, into session: WriteSession) throws -> RootReference {
        let id = try session.put(bytes, as: kind)
        remember(bytes, kind, id)
        return RootReference(kind: kind, id: id)
    }

    /// Puts a stream in pieces of odd lengths, remembers its chunks and returns where it was cut.
    func stream(_ bytes: [UInt8], into session: WriteSession) throws -> [ListedCut] {
        var cuts: [ListedCut] = []
        var offset = 0
        let stream = try session.stream { chunk in
            let end = offset + Int(chunk.length)
            cuts.append(ListedCut(offset: offset, length: Int(chunk.length), id: chunk.id.description))
            self.remember(Array(bytes[offset..<end]), .data, chunk.id)
            offset = end
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            try stream.write(Array(rest.prefix(77_777)))
            rest = rest.dropFirst(77_777)
        }
        try stream.finish()
        return cuts
    }

    private func remember(_ bytes: [UInt8], _ kind: ChunkKind, _ id: ChunkID) {
        chunks[id.description] = bytes
        kinds.insert("\(kind) \(id) \(bytes.count)")
    }

    /// The names of files below a folder of the repository.
    func files(below part: String) throws -> [String] {
        try folder.files(below: "repository/" + part).map { String($0.dropFirst("repository/".count)) }
    }

    /// A file's content.
    func read(_ name: String) throws -> [UInt8] { try folder.read("repository/" + name) }

    /// Puts a file in place.
    func replace(_ name: String, with bytes: [UInt8]) throws { try folder.write(bytes, to: "repository/" + name) }

    /// Runs the body while one byte of a file is another.
    func whileFlipped(_ name: String, at offset: Int, _ body: () throws -> Void) throws {
        let before = try read(name)
        var bytes = before
        bytes[offset] ^= 0x40
        try replace(name, with: bytes)
        try body()
        try replace(name, with: before)
    }
}
