import ChildProcess
import ChunkStore
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Comparing with a live folder")
struct LiveComparisonTests {
    /// A folder that a shell script fills, as a snapshot with the folder's own metadata.
    private struct Scene {
        let folder: TemporaryFolder
        let repository: SketchRepository
        var path: Path { folder.path.appending("live") }

        init(_ script: String) throws {
            folder = try TemporaryFolder(onDisk: true)
            repository = try SketchRepository()
            try run("mkdir live; cd live; \(script)")
        }

        func run(_ script: String) throws {
            let outcome = try ChildProcess(
                "/bin/sh", ["-ec", "cd \"$1\"; \(script)", "sh", folder.path.string],
                environment: ["PATH": "/usr/bin:/bin"]
            ).run()
            guard outcome.code == 0 else { throw ChildFailure(reason: outcome.errorText) }
        }

        /// What is there now, as a tree.
        func sketch(_ path: Path) throws -> TreeSketch {
            let descriptor = try FileDescriptor.open(path, [.read])
            let status = try descriptor.status()
            var sketch: TreeSketch
            if status.isFolder {
                sketch = .directory(
                    try descriptor.sortedEntries().map { ($0.name, try self.sketch(path.appending(Path($0.name)))) })
            } else {
                var bytes = [UInt8](repeating: 0, count: Int(status.size))
                _ = try bytes.withUnsafeMutableBytesThrowing { raw throws(PosixError) in
                    try descriptor.read(into: raw, at: 0)
                }
                sketch = .bytes(bytes)
            }
            let attributes = try EntryMaking(accounts: Accounts()).attributes(of: descriptor)
            return sketch.with {
                ($0.mode, $0.userID, $0.groupID) = (status.permissions, status.userID, status.groupID)
                ($0.modified, $0.attributes) = (status.modified, attributes)
            }
        }

        func compare(_ old: TreeSketch, _ reading: LiveComparison.Reading = .whereTimesDiffer) throws -> [String] {
            let (reader, roots) = try repository.read(["live": old])
            let top = try #require(try reader.entry(at: "live", below: roots[0]))
            var lines: [String] = []
            try LiveComparison(reader, old: top, folder: path, reading: reading).run(failed: {
                lines.append("! \($0.kind)")
            }) {
                lines.append("\($0.kind.rawValue) \(Path($0.path))")
            }
            return lines
        }
    }

    @Test("a folder that nobody touched has no differences; each change is told")
    func changes() throws {
        let scene = try Scene("mkdir d e; echo 1 > d/f; echo 2 > g; echo 3 > e/h; echo 4 > k")
        let old = try scene.sketch(scene.path)
        #expect(try scene.compare(old) == [])
        #expect(try scene.compare(old, .always) == [])
        try scene.run(
            "cd live; echo 9 > d/f; chmod 600 g; rm -r e; ln -s g e; mkdir new; echo 5 > new/x; rm k; echo more >> g")
        let lines = try scene.compare(old)
        #expect(lines == ["U ", "M d/f", "T e", "- e/h", "M g", "- k", "+ new", "+ new/x"])
    }

    @Test("a file whose time was set back is found only where everything is read")
    func hidden() throws {
        let scene = try Scene("echo 1 > f; touch -d @1000000000 f")
        let old = try scene.sketch(scene.path)
        try scene.run("cd live; echo 2 > f; touch -d @1000000000 f")
        #expect(try scene.compare(old) == [])
        #expect(try scene.compare(old, .always) == ["M f"])
    }

    @Test("a file that was written with the same bytes has other metadata only")
    func touched() throws {
        let scene = try Scene("echo 1 > f; touch -d @1000000000 f")
        let old = try scene.sketch(scene.path)
        try scene.run("cd live; touch -d @1000000001 f")
        #expect(try scene.compare(old) == ["U f"])
    }

    @Test("a folder that is not there is an error; a file of a snapshot is compared with none")
    func missing() throws {
        let scene = try Scene("echo 1 > f")
        let old = try scene.sketch(scene.path)
        try scene.run("rm -r live")
        #expect {
            try scene.compare(old)
        } throws: {
            ($0 as? CairnError)?.code == .source
        }
        #expect {
            try scene.compare("text")
        } throws: {
            ($0 as? CairnError)?.code == .usage
        }
    }
}
