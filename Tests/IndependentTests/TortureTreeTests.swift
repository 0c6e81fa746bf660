// The torture tree and the comparison of trees, which other tests rest upon: compared with what cp and rsync think, and changed in
// every way that must be seen.
import ChildProcess
import Glibc
import Posix
import TestSupport
import Testing

@Suite("The torture tree", .serialized)
struct TortureTreeTests {
    private let isRoot = geteuid() == 0

    /// A torture tree and a copy of it that cp made.
    private func pair(onDisk: Bool = false) throws -> (TemporaryFolder, Path, Path) {
        let folder = try TemporaryFolder(onDisk: onDisk)
        let (tree, copy) = (folder.path.appending("tree"), folder.path.appending("copy"))
        try Folder.make(tree)
        let leftOut = try TortureTree.make(in: tree, asRoot: isRoot, includingDeepPath: false)
        if isRoot { #expect(leftOut.count < 60, "\(leftOut)") }
        let outcome = try ChildProcess("/bin/cp", ["-a", "--", tree.string, copy.string]).run()
        #expect(outcome.code == 0, "\(outcome.errorText)")
        return (folder, tree, copy)
    }

    @Test("a copy by cp -a is the same tree, in memory and on a disk", arguments: [false, true])
    func copied(_ onDisk: Bool) throws {
        let (folder, tree, copy) = try pair(onDisk: onDisk)
        let differences = try TreeFacts.compare(tree, copy)
        #expect(differences == [], "\(differences)")
        _ = folder
    }

    @Test("two trees are the same, deep paths included, and are gone when their folder goes", arguments: [false, true])
    func twice(_ onDisk: Bool) throws {
        let path: Path
        do {
            let folder = try TemporaryFolder(onDisk: onDisk)
            path = folder.path
            let (a, b) = (path.appending("a"), path.appending("b"))
            for tree in [a, b] {
                try Folder.make(tree)
                let leftOut = try TortureTree.make(in: tree, asRoot: isRoot)
                #expect(!leftOut.contains { $0.contains("PATH_MAX") })
            }
            #expect(try TreeFacts.compare(a, b) == [])
        }
        let error = #expect(throws: PosixError.self) { try Folder.status(path) }
        #expect(error?.errno == .noSuchFile)
    }

    @Test("each kind of change is seen, and named")
    func changes() throws {
        let (folder, tree, copy) = try pair()
        _ = folder
        let root = try FileDescriptor.open(copy, [.read, .folder])
        let sizes = try root.open("sizes", [.read, .folder])
        let links = try root.open("links", [.read, .folder])
        let sparse = try root.open("sparse", [.read, .folder])
        /// Changes the copy, compares, and looks for these words.
        func sees(_ words: String..., change: () throws -> Void) throws {
            let before = try TreeFacts.compare(tree, copy)
            try change()
            let found = try TreeFacts.compare(tree, copy).filter { !before.contains($0) }
            for word in words { #expect(found.contains { $0.contains(word) }, "\(word) is not in \(found)") }
        }
        try sees("mode 2755, not 755") { try root.setMode(0o755) }
        try sees("sizes/text: mode 644, not 600") { try sizes.setMode(of: "text", 0o600) }
        try sees("sizes/zeros: time") {
            let old = try sizes.status(of: "zeros").modified
            try sizes.setModified(
                of: "zeros", FileTime(seconds: old.seconds, nanoseconds: old.nanoseconds ^ 1))
        }
        try sees("sizes/large: SHA-256") {
            let file = try sizes.open("large", .readWrite)
            try [UInt8(1), 2, 3].withUnsafeBytesThrowing { raw throws(PosixError) in
                try file.write(all: raw, at: 5_000_000)
            }
        }
        try sees("sizes/noise-513: size 513, not 512") { try sizes.open("noise-513", .write).truncate(to: 512) }
        try sees("sizes/new: only on the right") { try sizes.makeFolder("new", mode: 0o755) }
        try sees("sizes/noise-1: only on the left") { try sizes.remove("noise-1") }
        try sees("sizes/noise-2: kind 100000, not 120000") {
            try sizes.remove("noise-2")
            try sizes.makeLink("noise-2", to: [1])
        }
        try sees("links/symbolic-0: target nowhere, not elsewhere") {
            try links.remove("symbolic-0")
            try links.makeLink("symbolic-0", to: Array("elsewhere".utf8))
        }
        try sees("links/twice-b: the same file as") {
            try links.remove("twice-b")
            try links.makeHardLink("twice-b", to: "linked-empty", in: links)
        }
        try sees("sparse/all: data at []") {
            let file = try sparse.open("all", .write)
            try [UInt8](repeating: 0, count: 4_096).withUnsafeBytesThrowing { raw throws(PosixError) in
                try file.write(all: raw, at: 65_536)
            }
        }
        try sees("text: attribute user.x only on the right") {
            try sizes.setAttribute(Array("user.x".utf8), [], of: "text")
        }
        guard isRoot else { return }
        try sees("sizes/text: user 0, not 7", "sizes/text: group 0, not 8") {
            try sizes.setOwner(of: "text", 7, 8)
        }
        let nodes = try root.open("nodes", [.read, .folder])
        try sees("nodes/null: device") {
            try nodes.remove("null")
            try nodes.makeNode("null", .characterDevice, mode: 0o664, device: DeviceNumber(major: 1, minor: 5))
        }
    }
}
