import Glibc
import Posix
import TestSupport
import Testing

@Suite("Folders by their place", .serialized)
struct FolderNodeTests {
    private let place: TemporaryFolder
    private let path: Path

    init() throws {
        place = try TemporaryFolder()
        path = place.path
    }

    /// How many descriptors lead into a folder or what is below it.
    private func openCount(below path: Path) throws -> Int {
        let folder = try FileDescriptor.open("/proc/self/fd", [.read, .folder])
        return try folder.sortedEntries().filter { entry in
            (try? folder.linkTarget(of: Path(entry.name)))?.starts(with: path.bytes) == true
        }.count
    }

    @Test("a path deeper than PATH_MAX is made, walked and named with few folders open")
    func deep() throws {
        let root = FolderNode(path: path, pool: FolderPool(limit: 8))
        let name = Path([UInt8](repeating: 0x64, count: 200))
        var nodes = [root]
        for level in 0..<100 {
            try nodes[level].opened().descriptor.makeFolder(name, mode: 0o700)
            nodes.append(nodes[level].child(name))
            #expect(try openCount(below: path) <= 9)
        }
        #expect(nodes[100].path.bytes.count == path.bytes.count + 100 * 201)
        #expect(nodes[100].path(of: "x").bytes.suffix(2) == Array("/x".utf8)[...])
        // Back and forth: what was closed is opened again, through all that is above it.
        for level in [100, 0, 57, 99, 1, 100] {
            let names = try nodes[level].opened().descriptor.sortedEntries().map(\.name)
            #expect(names == (level == 100 ? [] : [Array(name.bytes)]))
        }
        // No name of this length is known to the kernel; only by going down is it reached.
        let error = #expect(throws: PosixError.self) { _ = try FileDescriptor.open(nodes[100].path, .read).rawValue }
        #expect(error?.errno.rawValue == ENAMETOOLONG)
    }

    @Test("a folder that somebody works in stays open for them, and closes when they let go")
    func closing() throws {
        let node = FolderNode(path: path)
        var open: OpenFolder? = try node.opened()
        node.close()
        #expect(try open?.descriptor.sortedEntries().count == 0)
        #expect(try openCount(below: path) == 1)
        open = nil
        #expect(try openCount(below: path) == 0)
        #expect(open == nil)
    }

    @Test("a folder in whose place another one stands, or a link to it, is stale; one that is gone is missing")
    func moved() throws {
        let root = FolderNode(path: path)
        // Once more, beside the nodes.
        let folder = try FileDescriptor.open(path, [.read, .folder])
        for name: Path in ["a", "b", "c", "d"] { try folder.makeFolder(name, mode: 0o700) }
        let nodes = (["a", "b", "c", "d"] as [Path]).map { root.child($0) }
        let inner = nodes[3].child("inner")
        for node in nodes { _ = try node.opened() }
        try nodes[3].opened().descriptor.makeFolder("inner", mode: 0o700)
        _ = try inner.opened()
        for node in nodes + [inner] { node.close() }
        try folder.rename("a", to: "aside", in: folder)
        try folder.makeFolder("a", mode: 0o700)
        try folder.rename("b", to: "b aside", in: folder)
        try folder.makeLink("b", to: Array("b aside".utf8))
        try folder.rename("c", to: "c aside", in: folder)
        // A folder above is another one: what is below is not reached through it.
        try folder.rename("d", to: "d aside", in: folder)
        try folder.makeFolder("d", mode: 0o700)
        try FileDescriptor.open(path.appending("d"), [.read, .folder]).makeFolder("inner", mode: 0o700)
        for (node, errno) in [(nodes[0], Errno.stale), (nodes[1], .stale), (nodes[2], .noSuchFile), (inner, .stale)] {
            let error = #expect(throws: PosixError.self) { _ = try node.opened() }
            #expect(error?.errno == errno)
        }
        let error = #expect(throws: PosixError.self) { _ = try nodes[2].opened() }
        #expect(error?.path == path.appending("c"))
        // Back in its place it is the same again.
        try folder.rename("c aside", to: "c", in: folder)
        _ = try nodes[2].opened()
    }

    @Test("a name that was a link from the beginning is refused, but not the first path")
    func links() throws {
        try Folder.make(path.appending("real"))
        let parent = try FileDescriptor.open(path, [.read, .folder])
        try parent.makeLink("link", to: Array("real".utf8))
        _ = try FolderNode(path: path.appending("link")).opened()
        let error = #expect(throws: PosixError.self) { _ = try FolderNode(path: path).child("link").opened() }
        #expect(error?.errno == .notAFolder && error?.path == path.appending("link"))
    }

    @Test("a chain of a hundred thousand folders is let go without as many nested calls")
    func letGo() {
        var node: FolderNode? = FolderNode(path: path)
        for _ in 0..<100_000 { node = node?.child("l") }
        #expect(node?.parent != nil)
        node = nil
        #expect(node == nil)
    }

    @Test("folders that nobody holds any more make room before others are closed")
    func room() throws {
        let root = FolderNode(path: path, pool: FolderPool(limit: 4))
        for number in 0..<20 { try root.opened().descriptor.makeFolder(Path("\(number)"), mode: 0o700) }
        // Renaming the way to it: were it opened again, that would fail.
        let moved = Path(path.bytes + Array(" moved".utf8))
        try Folder.rename(path, to: moved)
        defer { try? Folder.rename(moved, to: path) }
        for number in 0..<20 { _ = try root.child(Path("\(number)")).opened() }
        #expect(try openCount(below: moved) == 1)
        // But those that are held take the room, and the first is closed.
        let held = (0..<20).map { root.child(Path("\($0)")) }
        let error = #expect(throws: PosixError.self) { for node in held { _ = try node.opened() } }
        #expect(error?.errno == .noSuchFile)
    }

    @Test("several threads open folders of one tree at once")
    func threads() throws {
        let root = FolderNode(path: path, pool: FolderPool(limit: 2))
        let names = (0..<8).map { Path("\($0)") }
        for name in names {
            try root.opened().descriptor.makeFolder(name, mode: 0o700)
            try root.child(name).opened().descriptor.makeFolder("in", mode: 0o700)
        }
        let nodes = names.map { root.child($0).child("in") }
        let failures = Monitor(0)
        let threads = try (0..<4).map { number in
            try Thread("opener") {
                for round in 0..<200 {
                    let node = nodes[(round * 3 + number) % nodes.count]
                    let found = try? node.opened().descriptor.status()
                    if found?.isFolder != true { failures.withLock { $0 += 1 } }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(failures.withLock { $0 } == 0)
    }
}
