import ChildProcess
import Glibc
import Posix
import TestSupport
import Testing

@Suite("What was taken comes back", .serialized)
struct RoundTripTests {
    private let isRoot = geteuid() == 0

    /// A torture tree in a place.
    private func tree(in place: Place, asRoot: Bool) throws -> Path {
        let tree = place.path("tree")
        try Folder.make(tree)
        let leftOut = try TortureTree.make(in: tree, asRoot: asRoot)
        #expect(!leftOut.contains { $0.contains("PATH_MAX") }, "\(leftOut)")
        return tree
    }

    /// What rsync would do to make the second tree equal to the first, a line each. It cannot go as deep as the deep path, and does not
    /// know what a chain of a thousand folders is for.
    private func rsync(_ left: Path, _ right: Path) throws -> String {
        let deep = String(repeating: "d", count: 200)
        let outcome = try ChildProcess(
            try Place.find("rsync"),
            [
                "-aHAXn", "--checksum", "--delete", "--devices", "--specials", "--itemize-changes",
                "--exclude=/\(deep)",
                "--exclude=/l", left.string + "/", right.string + "/",
            ]
        ).run()
        return outcome.outputText + outcome.errorText
    }

    @Test("a tree of everything odd comes back exactly, and its snapshot has the same root", arguments: [false, true])
    func exact(onDisk: Bool) throws {
        let place = try Place(onDisk: onDisk)
        let (tree, back) = (try tree(in: place, asRoot: isRoot), place.path("back"))
        let taken = try place.snapshot(tree)
        #expect(taken.code == 0, "\(taken.errorText)")
        let restored = try place.restore(tree, to: back)
        #expect(restored.code == 0, "\(restored.errorText)")
        #expect(restored.errorText.isEmpty, "\(restored.errorText)")
        #expect(try TreeFacts.compare(tree, back) == [])
        #expect(try rsync(tree, back) == "")
        let again = try place.snapshot(back)
        #expect(again.code == 0, "\(again.errorText)")
        #expect(again.text("root_hash") != nil)
        #expect(again.text("root_hash") == taken.text("root_hash"))
        #expect(again.number("data_chunks") == 0)

        // Over what is right already nothing is written.
        let before = try FileTimes(of: back)
        let second = try place.restore(tree, to: back, of: try #require(taken.text("snapshot_id")))
        #expect(second.code == 0, "\(second.errorText)")
        #expect(second.number("bytes_restored") == 0)
        #expect(second.number("files_restored") == 0)
        #expect(try FileTimes(of: back).different(from: before) == [])
        #expect(try TreeFacts.compare(tree, back) == [])
        #expect(try place.problems() == [])
    }

    @Test(
        "what another user may not read is reported, what he may not set is one warning a kind, and the rest comes back"
    )
    func asAnotherUser() throws {
        guard isRoot else { return print("not tested: only root can become another user") }
        let place = try Place(onDisk: true)
        let (tree, open) = (try tree(in: place, asRoot: true), place.path("tree"))
        let user = try place.otherUser()
        let target = place.path("back")
        try Folder.make(target)
        _ = try ChildProcess("/bin/chown", ["12345:12345", target.string]).run()
        let taken = try place.run("snapshot", "--json", open.string, behind: user)
        #expect(taken.code == 3, "\(taken.errorText)")
        #expect(taken.output.contains("\"incomplete\":true"))
        #expect(taken.errorText.contains("modes/file-0"))
        #expect(taken.errorText.contains("modes/folder-0"))
        let restored = try place.run(
            "restore", "latest:" + tree.string, "--target", target.appending("in").string, behind: user)
        #expect(restored.code == 0, "\(restored.errorText)")
        // Several files belong to others, several devices were there: each kind is told once.
        #expect(restored.count(of: "owners of") == 1, "\(restored.errorText)")
        #expect(restored.count(of: "device file") == 1, "\(restored.errorText)")
        let missing = try TreeFacts.compare(tree, target.appending("in"), [.content, .modified, .hardLinks, .holes])
        // What is not there is what was reported, or a device.
        let unexpected = missing.filter { line in
            !(line.contains("only on the left") || line.contains("and more") || line.contains(": time "))
        }
        #expect(unexpected == [])
        let reported = taken.errorText.split(separator: "\n")
        let devices = try ChildProcess(
            try Place.find("find"), [tree.string, "-type", "b", "-o", "-type", "c"]
        ).run().outputText
        for line in missing where line.contains("only on the left") {
            let name = line.split(separator: ": only")[0]
            // Or the folder that it lies in.
            var beginnings: [Substring] = [name]
            while let slash = beginnings[0].lastIndex(of: "/") { beginnings.insert(beginnings[0][..<slash], at: 0) }
            let isReported =
                devices.contains(name)
                || beginnings.contains { beginning in reported.contains { $0.contains("/tree/\(beginning)\"") } }
            #expect(isReported, "\(line)")
        }
        #expect(try place.problems() == [])
    }

    @Test("over a target that was damaged or changed only what differs is written")
    func repairing() throws {
        let place = try Place(onDisk: true)
        let (source, back) = (place.path("source"), place.path("back"))
        for number in 0..<40 { try source.appending("d\(number % 4)/f\(number)").writeNoise(20_000) }
        try source.appending("large").writeNoise(3 << 20)
        #expect(try place.snapshot(source).code == 0)
        #expect(try place.restore(source, to: back).code == 0)
        #expect(try TreeFacts.compare(source, back) == [])

        let time = try Folder.status(back.appending("large")).modified
        do {
            // A bit that fell over, with nothing that tells of it.
            let large = try FileDescriptor.open(back.appending("large"), .readWrite)
            try [UInt8(0), 1].withUnsafeBytesThrowing { raw throws(PosixError) in
                try large.write(all: raw, at: 2_000_000)
            }
            try large.setModified(time)
            try FileDescriptor.open(back.appending("d1/f1"), .write).truncate(to: 19_999)
        }
        try back.appending("d2/f2").write([1, 2, 3])
        try Folder.remove(back.appending("d3/f3"))
        try Folder.setMode(back.appending("d0/f4"), 0o711)
        try back.appending("d0/more").write([1])
        let before = try FileTimes(of: back)
        let second = try place.restore(source, to: back)
        #expect(second.code == 0, "\(second.errorText)")
        // The damaged file's chunk, and three small files.
        let written = try #require(second.number("bytes_restored"))
        #expect((60_000..<1_000_000).contains(written), "\(written)")
        let touched = try FileTimes(of: back).different(from: before).filter { !$0.hasSuffix("/") }
        #expect(touched == ["d0/f4", "d1/f1", "d2/f2", "d3/f3", "large"])
        #expect(try TreeFacts.compare(source, back) == ["d0/more: only on the right"])
    }
}

/// When the inodes of a tree were changed last, by path: whoever writes to a file cannot hide it.
private struct FileTimes {
    private var times: [String: FileTime] = [:]

    init(of path: Path) throws { try collect(path, "") }

    private mutating func collect(_ path: Path, _ name: String) throws {
        let folder = try FileDescriptor.open(path, [.read, .folder])
        for entry in try folder.sortedEntries() {
            let (child, childName) = (
                path.appending(Path(entry.name)), name + String(decoding: entry.name, as: UTF8.self)
            )
            guard child.bytes.count < 3_000 else { continue }
            let status = try folder.status(of: Path(entry.name))
            times[childName + (status.isFolder ? "/" : "")] = status.changed
            if status.isFolder { try collect(child, childName + "/") }
        }
    }

    func different(from other: FileTimes) -> [String] {
        Set(times.keys).union(other.times.keys).filter { times[$0] != other.times[$0] }.sorted()
    }
}
