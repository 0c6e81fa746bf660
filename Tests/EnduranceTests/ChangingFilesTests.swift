import ChildProcess
import Glibc
import Posix
import TestSupport
import Testing

@Suite("Files that change while they are read", .serialized)
struct ChangingFilesTests {
    private static let fileBytes = 600_000

    /// Does something to a file over and over on a thread of its own, until it is let go.
    private final class Disturbance {
        private let isOver = Monitor(false)
        private var thread: Posix.Thread?

        init(_ body: @escaping @Sendable (_ round: Int) throws -> Void) throws {
            let isOver = isOver
            thread = try Posix.Thread("disturbance") {
                var round = 0
                while !isOver.withLock({ $0 }) {
                    try? body(round)
                    round += 1
                    Posix.Thread.rest(milliseconds: 1)
                }
            }
        }

        deinit {
            isOver.withLock { $0 = true }
            thread?.join()
        }
    }

    /// Puts something new in a file's place at once.
    private static func replace(_ path: Path, _ make: (Path) throws -> Void) throws {
        let other = path.parent.parent.appending("waiting-" + String(decoding: path.lastComponent, as: UTF8.self))
        try? Folder.remove(other)
        try make(other)
        try Folder.rename(other, to: path)
    }

    /// The bytes of a log that only grows: the one at an offset follows from the offset.
    private static func log(from offset: Int, count: Int) -> [UInt8] {
        (offset..<(offset + count)).map { UInt8($0 % 251) }
    }

    private func disturb(_ folder: Path) throws -> [Disturbance] {
        let size = Self.fileBytes
        let (rewritten, replaced, grown) = (
            folder.appending("rewritten"), folder.appending("replaced"), folder.appending("grown")
        )
        let (shrunk, vanished, odd) = (
            folder.appending("shrunk"), folder.appending("vanished"), folder.appending("odd")
        )
        return [
            try Disturbance { round in
                let file = try FileDescriptor.open(rewritten, .write)
                let bytes = [UInt8](repeating: UInt8(round & 255), count: 10_000)
                try bytes.withUnsafeBytesThrowing { raw throws(PosixError) in
                    try file.write(all: raw, at: UInt64(round % 60) * 10_000)
                }
            },
            try Disturbance { round in
                try Self.replace(replaced) { try $0.write([UInt8](repeating: UInt8(round & 255), count: size)) }
            },
            try Disturbance { _ in
                let file = try FileDescriptor.open(grown, [.write, .append])
                let bytes = Self.log(from: Int(try file.status().size), count: 5_000)
                try bytes.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
            },
            try Disturbance { round in
                let file = try FileDescriptor.open(shrunk, .write)
                try file.truncate(to: UInt64((round * 7_919) % size))
            },
            try Disturbance { round in
                if round % 2 == 0 {
                    try Folder.remove(vanished)
                } else {
                    try vanished.write(Self.log(from: 0, count: 300_000))
                }
            },
            try Disturbance { round in
                try Self.replace(odd) { path in
                    let parent = try FileDescriptor.open(path.parent, [.read, .folder])
                    let name = Path(path.lastComponent)
                    switch round % 4 {
                    case 0: try path.write([1, 2, 3])
                    case 1: try parent.makeLink(name, to: Array("/etc/passwd".utf8))
                    case 2: try parent.makeNode(name, .fifo, mode: 0o600)
                    default: try path.write([UInt8](repeating: 9, count: 300_000))
                    }
                }
            },
        ]
    }

    @Test(
        "the rest goes on, what changes is reported, and nothing that was kept is half of one thing and half of another"
    )
    func changing() throws {
        let place = try Place()
        let source = place.path("source")
        let folder = source.appending("busy")
        for name in ["rewritten", "replaced", "shrunk", "odd"] {
            try folder.appending(name).write([UInt8](repeating: 0, count: Self.fileBytes))
        }
        try folder.appending("grown").write(Self.log(from: 0, count: 100_000))
        try folder.appending("vanished").write(Self.log(from: 0, count: 300_000))
        for number in 0..<30 { try source.appending("steady/\(number)").writeNoise(3_000) }
        Posix.Thread.rest(milliseconds: 2_100)
        for round in 0..<(isFullEndurance ? 20 : 3) {
            let run: Place.Run
            do {
                let disturbances = try disturb(folder)
                defer { withExtendedLifetime(disturbances) {} }
                run = try Watchdog.watch("a snapshot of changing files", seconds: 300) { try place.snapshot(source) }
            }
            #expect(run.code == 3, "round \(round): \(run.errorText)")
            #expect(run.output.contains("\"incomplete\":true"))
            #expect(run.errorText.contains("it changed while it was read"), "\(run.errorText)")
            #expect(!run.errorText.contains("steady"), "\(run.errorText)")
            // The independent reader proves sizes and digests on the way.
            let back = place.path("back-\(round)")
            let restored = try place.restoreIndependently(try #require(run.text("snapshot_id")), to: back)
            #expect(restored.code == 0 && restored.errors.isEmpty, "\(restored.errorText)")
            let inside = back.appending(Path(source.bytes.drop { $0 == UInt8(ascii: "/") }))
            #expect(try TreeFacts.compare(source.appending("steady"), inside.appending("steady")) == [])
            try check(inside.appending("busy"), run)
        }
        // When all is quiet again everything is as it is.
        let last = try place.snapshot(source)
        #expect(last.code == 0, "\(last.errorText)")
        #expect(try place.restore(source, to: place.path("quiet")).code == 0)
        #expect(try TreeFacts.compare(source, place.path("quiet")) == [])
        #expect(try place.problems() == [])
    }

    private func check(_ kept: Path, _ run: Place.Run) throws {
        let folder = try FileDescriptor.open(kept, [.read, .folder])
        for name in ["rewritten", "replaced", "grown", "shrunk", "vanished", "odd"] {
            let path = kept.appending(name)
            guard let status = try? folder.status(of: Path(name)) else {
                // It may also have been away while the folder was listed.
                #expect(
                    run.errorText.contains(name) || ["vanished", "odd", "replaced"].contains(name),
                    "\(name) is not there")
                continue
            }
            guard status.isRegular else {
                #expect(name == "odd")
                continue
            }
            let bytes = try path.content()
            switch name {
            case "replaced": #expect(bytes.count == Self.fileBytes && Set(bytes).count == 1, "\(bytes.count) bytes")
            case "grown": #expect(bytes == Self.log(from: 0, count: bytes.count), "\(bytes.count) bytes")
            case "vanished":
                // It is written in place, so any beginning of it was there at some time.
                #expect(bytes == Self.log(from: 0, count: bytes.count), "\(bytes.count) bytes")
            case "odd": #expect(bytes.isEmpty || [[9], [1, 2, 3], [0]].contains(Array(Set(bytes)).sorted()))
            default: #expect(bytes.count <= Self.fileBytes)
            }
        }
    }

    @Test(
        "a disk that cannot be read in one place costs that file or folder alone",
        arguments: ["read", "getdents64", "newfstatat"])
    func unreadable(call: String) throws {
        guard let strace = ChildProcess.find("strace") else {
            return print("not tested: strace is missing (apt install strace)")
        }
        let place = try Place()
        let source = place.path("source")
        for folder in ["a", "bad", "c"] {
            for number in 0..<3 { try source.appending("\(folder)/\(number)").writeNoise(300_000) }
        }
        let bad = source.appending("bad")
        var words = [strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)"]
        switch call {
        // The second read of one file; the first of each thread goes well.
        case "read":
            words[6] = "trace=read,pread64"
            words += ["-P", bad.appending("1").string, "-e", "inject=read,pread64:error=EIO:when=2+"]
        case "getdents64": words += ["-P", bad.string, "-e", "inject=getdents64:error=EIO"]
        default:
            words += ["-P", bad.appending("1").string, "-P", bad.string, "-e", "inject=newfstatat:error=EIO:when=1+"]
        }
        words[0] = "strace"
        let run = try place.run("snapshot", "--json", source.string, behind: words)
        if run.errorText.contains("PTRACE") { return print("not tested: nothing may be traced here") }
        #expect(run.code == 3, "\(run.errorText)")
        #expect(run.errorText.contains("Input/output error") || run.errorText.contains("EIO"), "\(run.errorText)")
        #expect(run.errorText.contains(call == "read" ? "bad/1" : "bad"))
        let back = place.path("back")
        #expect(try place.restore(source, to: back).code == 0)
        let different = try TreeFacts.compare(source, back)
        #expect(!different.isEmpty)
        #expect(different.allSatisfy { $0.hasPrefix("bad") && $0.hasSuffix("only on the left") }, "\(different)")
        #expect(try place.problems() == [])
        // As soon as the disk is well again it is all there.
        let next = try place.snapshot(source)
        #expect(next.code == 0, "\(next.errorText)")
        #expect(try place.restore(source, to: place.path("whole")).code == 0)
        #expect(try TreeFacts.compare(source, place.path("whole")) == [])
    }
}
