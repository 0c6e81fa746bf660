import ChunkStore
import Glibc
import Posix
import Testing
import TestSupport

@testable import Cairn

/// A tree in a repository and a folder on a real disk to restore it to.
final class RestoreScene {
    let repository: SketchRepository
    let folder: TemporaryFolder
    let target: Path
    private let failed = Monitor<[ItemFailure]>([])
    private let done = Monitor<[String: RestoreAction]>([:])

    init() throws {
        repository = try SketchRepository(.folder)
        folder = try TemporaryFolder(onDisk: true)
        target = folder.path.appending("target")
    }

    var failures: [ItemFailure] { failed.withLock { $0 } }

    /// What became of a path below the target.
    func action(_ path: String) -> RestoreAction? { done.withLock { $0[path] } }

    /// Restores a tree. What the tests do not choose is restored without owners where they are not the superuser.
    @discardableResult
    func restore(
        _ sketch: TreeSketch, _ change: (inout RestoreRequest) -> Void = { _ in }
    ) throws -> RestoreSummary {
        let (trees, roots) = try repository.read(sketch)
        return try restore(trees, roots[0], change)
    }

    @discardableResult
    func restore(
        _ trees: TreeReader, _ entry: TreeEntry, _ change: (inout RestoreRequest) -> Void = { _ in }
    ) throws -> RestoreSummary {
        defer { trees.chunks.close() }
        failed.withLock { $0 = [] }
        done.withLock { $0 = [:] }
        var request = RestoreRequest(entry: entry, path: "/", target: target)
        request.threads = 2
        change(&request)
        let prefix = target.string.count + 1
        let (failed, done) = (failed, done)
        return try Watchdog.watch("restore") {
            try Restoration(trees.chunks, request).run { failure in
                failed.withLock { $0.append(failure) }
            } onItem: { path, action in
                done.withLock { $0[String(path.string.dropFirst(prefix))] = action }
            }
        }
    }

    // MARK: The disk

    func path(_ name: String) -> Path { target.appending(name) }

    func bytes(_ name: String) throws -> [UInt8] { try SmallFile.read(path(name), limit: 64 << 20) }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// What the kernel knows of a name; links are not followed.
    func status(_ name: String) throws -> FileStatus {
        let full = path(name)
        return try FileDescriptor.open(full.parent, [.read, .folder]).status(of: Path(full.lastComponent))
    }

    func exists(_ name: String) -> Bool { (try? status(name)) != nil }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Folder.makeAll(path(name).parent)
        let file = try FileDescriptor.open(path(name), [.write, .create, .truncate])
        try bytes.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
    }

    func names(_ folder: String = ".") throws -> [String] {
        try Folder.entries(of: path(folder)).map { String(decoding: $0.name, as: UTF8.self) }.sorted()
    }

    func link(_ name: String, to target: String) throws {
        try #require(symlink(target, path(name).string) == 0)
    }
}

extension TreeSketch {
    /// Bytes that do not compress and are others with each seed.
    static func random(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SplitMix64(seed: seed)
        return random.bytes(count)
    }

    func linked(_ group: UInt64) -> TreeSketch { with { $0.linkGroup = group } }
}
