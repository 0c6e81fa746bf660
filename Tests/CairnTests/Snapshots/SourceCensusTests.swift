import Glibc
import Posix
import TestSupport
import Testing

@testable import Cairn

/// What is counted ahead of a scan is what the scan then meets.
@Suite("Counting ahead of a scan")
struct SourceCensusTests {
    private func scene() throws -> SnapshotScene {
        let scene = try SnapshotScene()
        for number in 0..<40 {
            try scene.write("a/d\(number)/f", Array(repeating: 7, count: 100 * number))
            try scene.write("a/d\(number)/g.tmp", [1])
        }
        try scene.write("single", Array(repeating: 9, count: 12_345))
        try scene.write("a/marked/CACHEDIR.TAG", Array("Signature: 8a477f597d28d172789f06886806bc55\n".utf8))
        try scene.write("a/marked/below/inside", [1, 2, 3])
        try scene.write("a/large", Array(repeating: 3, count: 70_000))
        try FileDescriptor.openFolder(scene.path("a"), isListed: true).makeLink(
            Path("link"), to: Array("/nowhere".utf8))
        return scene
    }

    private func census(_ request: SnapshotRequest, delay: Int = 0) throws -> OperationProgress.Snapshot {
        guard case .paths(let paths) = request.source else { throw CairnError(.usage, "no paths") }
        var scan = TreeScan.Request(sources: try SourcePaths(paths))
        scan.selection = request.selection
        scan.staysOnFileSystem = request.staysOnFileSystem
        scan.avoided = Set(request.avoided.compactMap { try? Folder.status($0) }.map(TreeScan.FileIdentity.init))
        let progress = OperationProgress()
        let census = SourceCensus(scan, progress: progress, delayMilliseconds: delay)
        census.finish()
        return progress.snapshot
    }

    @Test(
        "it counts what is taken, and nothing that is left out",
        arguments: ["all", "patterns", "marks", "length", "avoided", "sources", "missing", "links"])
    func agrees(_ what: String) throws {
        let scene = try scene()
        let request = scene.request { request in
            switch what {
            case "patterns":
                request.selection.excludes = (try? PatternList(["*.tmp", "a/d1*"])) ?? request.selection.excludes
            case "marks": request.selection.presenceMarks = [CacheTag.mark]
            case "length": request.selection.sizeMax = 3_000
            case "avoided": request.avoided = [scene.path("a/d7")]
            case "sources": request.source = .paths([scene.path("single"), scene.path("a/d3"), scene.path("a/link")])
            case "missing": request.source = .paths([scene.path("a"), scene.path("gone")])
            case "links":
                // One content with three names, which is read once.
                for name in ["a/second", "third"] {
                    #expect(link("\(scene.path("a/large"))", "\(scene.path(name))") == 0)
                }
            default: break
            }
        }
        let counted = try census(request)
        let progress = OperationProgress()
        _ = try SnapshotTaking(scene.store, request).run(progress: progress)
        #expect(counted.isTotalFinal)
        #expect(counted.filesTotal == progress.snapshot.filesDone)
        #expect(counted.bytesTotal == progress.snapshot.bytesDone)
        #expect(progress.snapshot.filesDone > 2)
    }

    @Test("one that is ended in time has counted nothing")
    func ended() throws {
        let scene = try scene()
        let progress = OperationProgress()
        let census = SourceCensus(
            TreeScan.Request(sources: try SourcePaths([scene.folder.path])), progress: progress,
            delayMilliseconds: 60_000)
        census.end()
        #expect(progress.snapshot == OperationProgress.Snapshot())
    }
}
