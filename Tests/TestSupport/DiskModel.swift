public import Posix
internal import Storage

/// A disk that remembers what was made durable and what was not, and can show what a power cut may leave of it.
///
/// Steps are applied in their order. Content is durable up to where its file was synchronised last; a name is durable, or
/// durably gone, once its folder was synchronised.
public final class DiskModel {
    /// How a power cut treats what was not durable. All of these are allowed to a disk.
    public enum Loss: Sendable, Hashable, CustomStringConvertible {
        /// All of it is lost: content is cut, names are as they were when their folder was synchronised last.
        case all
        /// Names are kept, content that was not synchronised is cut.
        case content
        /// Names are kept, content that was not synchronised has its length and is zeros.
        case contentToZeros
        /// Nothing is lost: only the process died.
        case nothing
        /// Each name and each content is lost or kept, or kept in part, as a seed decides.
        case some(seed: UInt64)

        /// The name for messages.
        public var description: String {
            switch self {
            case .all: "all lost"
            case .content: "content lost"
            case .contentToZeros: "content zeroed"
            case .nothing: "nothing lost"
            case .some(let seed): "some lost, seed \(seed)"
            }
        }
    }

    private final class File {
        var content: [UInt8] = []
        var durableCount = 0
    }

    private final class FolderNode {
        var names: [String: Node] = [:]
        var durable: [String: Node] = [:]
    }

    private enum Node {
        case file(File)
        case folder(FolderNode)

        var identity: ObjectIdentifier {
            switch self {
            case .file(let file): ObjectIdentifier(file)
            case .folder(let folder): ObjectIdentifier(folder)
            }
        }
    }

    /// What stands on the disk after a cut: folders, and files with their bytes.
    public struct Remains: Hashable, Sendable {
        /// The folders' names, those above first.
        public fileprivate(set) var folders: [String] = []
        /// The files.
        public fileprivate(set) var files: [String: [UInt8]] = [:]

        /// Lays everything down in a folder that is empty.
        public func write(to path: Path) throws(PosixError) {
            for folder in folders { try Folder.make(path.appending(folder)) }
            for (name, bytes) in files {
                let file = try FileDescriptor.open(path.appending(name), [.write, .create, .exclusive])
                try bytes.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
            }
        }
    }

    private let root = FolderNode()

    /// An empty disk.
    public init() {}

    /// A disk that has gone through these events.
    public convenience init(_ events: some Sequence<StepRecorder.Event>) throws {
        self.init()
        for event in events { try apply(event) }
    }

    /// A step that does not fit what is there: the record of steps is not honest.
    public struct Inconsistent: Error, CustomStringConvertible {
        /// What does not fit.
        public let description: String
    }

    /// Does a step; marks change nothing.
    public func apply(_ event: StepRecorder.Event) throws {
        guard case .step(let step) = event else { return }
        func fail(_ reason: String) -> Inconsistent { Inconsistent(description: "\(step.summary): \(reason)") }
        switch step {
        case .makeFolder(let name):
            let (folder, last) = try parent(of: name)
            if folder.names[last] == nil { folder.names[last] = .folder(FolderNode()) }
        case .create(let name):
            let (folder, last) = try parent(of: name)
            guard folder.names[last] == nil else { throw fail("it is there") }
            folder.names[last] = .file(File())
        case .write(let name, let bytes): try file(name).content += bytes
        case .synchronize(let name):
            let file = try file(name)
            file.durableCount = file.content.count
        case .rename(let name, let newName, let replacing):
            let (source, last) = try parent(of: name)
            let (target, newLast) = try parent(of: newName)
            guard let node = source.names[last] else { throw fail("nothing has that name") }
            guard replacing || target.names[newLast] == nil else { throw fail("the new name is taken") }
            source.names[last] = nil
            target.names[newLast] = node
        case .remove(let name):
            // Steps are announced before they are done: a sweeper may well find that another was quicker.
            let (folder, last) = try parent(of: name)
            folder.names[last] = nil
        case .synchronizeFolder(let name):
            let folder = try folder(name)
            folder.durable = folder.names
        }
    }

    private func folder(_ name: String) throws -> FolderNode {
        try name.split(separator: "/").reduce(root) { folder, part in
            guard case .folder(let inner) = folder.names[String(part)] else {
                throw Inconsistent(description: "there is no folder \(name)")
            }
            return inner
        }
    }

    private func parent(of name: String) throws -> (FolderNode, String) {
        guard let slash = name.lastIndex(of: "/") else { return (root, name) }
        return (try folder(String(name[..<slash])), String(name[name.index(after: slash)...]))
    }

    private func file(_ name: String) throws -> File {
        let (folder, last) = try parent(of: name)
        guard case .file(let file) = folder.names[last] else { throw Inconsistent(description: "there is no \(name)") }
        return file
    }

    // MARK: The cut

    /// What is left when the power fails now.
    public func remains(_ loss: Loss) -> Remains {
        var remains = Remains()
        var generator = SplitMix64(seed: 0)
        if case .some(let seed) = loss { generator = SplitMix64(seed: seed) }
        add(root, below: "", loss, &generator, to: &remains)
        if case .some = loss { restoreHalfRenames(loss, &generator, in: &remains) }
        return remains
    }

    /// A rename between folders is one entry in the journal of a disk that has one: it may be lost, yet not by half, so that neither the
    /// old name is left nor the new one. Where chance has decided so, the old one stays.
    private func restoreHalfRenames(_ loss: Loss, _ generator: inout SplitMix64, in remains: inout Remains) {
        let (now, durable) = (files(below: root, "", \.names), files(below: root, "", \.durable))
        var left = Set<ObjectIdentifier>()
        for (name, file) in durable + now where remains.files[name] != nil { left.insert(ObjectIdentifier(file)) }
        let named = Set(now.map { ObjectIdentifier($0.file) })
        for (name, file) in durable {
            let identity = ObjectIdentifier(file)
            guard named.contains(identity), !left.contains(identity), remains.files[name] == nil else { continue }
            remains.files[name] = content(of: file, loss, &generator)
        }
    }

    private func files(
        below folder: FolderNode, _ path: String, _ names: KeyPath<FolderNode, [String: Node]>
    ) -> [(name: String, file: File)] {
        folder[keyPath: names].sorted { $0.key < $1.key }.flatMap { last, node -> [(name: String, file: File)] in
            let name = path.isEmpty ? last : "\(path)/\(last)"
            switch node {
            case .file(let file): return [(name, file)]
            case .folder(let inner): return files(below: inner, name, names)
            }
        }
    }

    private func add(
        _ folder: FolderNode, below path: String, _ loss: Loss, _ generator: inout SplitMix64, to remains: inout Remains
    ) {
        for (last, node) in names(of: folder, loss, &generator).sorted(by: { $0.key < $1.key }) {
            let name = path.isEmpty ? last : "\(path)/\(last)"
            switch node {
            case .file(let file): remains.files[name] = content(of: file, loss, &generator)
            case .folder(let inner):
                remains.folders.append(name)
                add(inner, below: name, loss, &generator, to: &remains)
            }
        }
    }

    private func names(of folder: FolderNode, _ loss: Loss, _ generator: inout SplitMix64) -> [String: Node] {
        switch loss {
        case .all: return folder.durable
        case .content, .contentToZeros, .nothing: return folder.names
        case .some:
            var names = folder.durable
            for name in Set(folder.names.keys).union(folder.durable.keys).sorted()
            where folder.names[name]?.identity != folder.durable[name]?.identity && generator.next() & 1 == 0 {
                names[name] = folder.names[name]
            }
            return names
        }
    }

    private func content(of file: File, _ loss: Loss, _ generator: inout SplitMix64) -> [UInt8] {
        let durable = file.content[..<file.durableCount]
        let rest = file.content.count - file.durableCount
        switch loss {
        case .all, .content: return Array(durable)
        case .contentToZeros: return durable + [UInt8](repeating: 0, count: rest)
        case .nothing: return file.content
        case .some:
            let count = generator.number(below: rest + 1)
            switch generator.next() % 3 {
            case 0: return Array(file.content[..<(file.durableCount + count)])
            case 1: return durable + generator.bytes(count)
            default: return durable + [UInt8](repeating: 0, count: rest)
            }
        }
    }
}
