import ChildProcess
import Glibc
import Posix
import TestSupport
import Testing

/// The snapshots of a place as folders, mounted by the program.
final class Mounted {
    let folder: Path
    let program: RunningProgram

    /// Nil, said aloud, where nothing can be mounted here.
    init?(_ place: Place, _ words: String...) throws {
        guard access("/dev/fuse", R_OK | W_OK) == 0 else {
            print("not tested: /dev/fuse is missing, or not for this user")
            return nil
        }
        folder = place.path("mount")
        if access(folder.string, F_OK) != 0 { try Folder.make(folder) }
        program = try place.start(["mount", folder.string] + words)
        guard program.waitForLine("mounted ") == nil else { return }
        let said = program.lines.joined(separator: " ")
        guard said.contains("not permitted") || said.contains("Permission denied") else {
            throw ChildFailure(reason: said)
        }
        print("not tested: nothing may be mounted here: \(said)")
        return nil
    }

    deinit {
        umount2(folder.string, Int32(MNT_DETACH))
        program.kill()
    }

    var latest: Path { folder.appending("latest") }

    /// Asks it to end, and says how it did.
    func end() -> Int32 {
        program.interrupt()
        return program.wait()
    }
}

extension RunningProgram {
    /// What a mount has written, but for a line with which libfuse tells now and then that a file system was unmounted.
    var ownLines: [String] { lines.filter { $0 != "fuse: reading device: Software caused connection abort" } }
}

@Suite("Snapshots as folders", .serialized)
struct MountTests {
    private let isRoot = geteuid() == 0

    private func tool(_ name: String, _ words: [String], in folder: Path? = nil) throws -> ChildOutcome {
        let shell = folder.map { ["-C", $0.string] } ?? []
        return try ChildProcess(try Place.find("env"), shell + [name] + words).run()
    }

    private func shell(_ script: String, in folder: Path) throws -> String {
        let outcome = try tool("sh", ["-c", script], in: folder)
        return outcome.outputText + outcome.errorText
    }

    /// Whether that is so at once or soon, asked again and again by the same shell.
    private func waits(for condition: String, in folder: Path) throws -> Bool {
        let script = "for n in $(seq 300); do if \(condition); then exit 0; fi; sleep 0.1; done; exit 1"
        return try tool("sh", ["-c", script], in: folder).code == 0
    }

    @Test("a mounted tree of everything odd is the tree that was taken, to every tool")
    func torture() throws {
        let place = try Place(onDisk: true)
        let tree = place.path("tree")
        try Folder.make(tree)
        _ = try TortureTree.make(in: tree, asRoot: isRoot)
        #expect(try place.snapshot(tree).code == 0)
        guard let mounted = try Mounted(place) else { return }
        let seen = mounted.latest.appending(Path(Array(tree.bytes.dropFirst())))
        let deep = String(repeating: "d", count: 200)
        let rsync = try tool(
            "rsync",
            [
                "-aHAXn", "--checksum", "--delete", "--devices", "--specials", "--itemize-changes",
                "--exclude=/\(deep)", "--exclude=/l", tree.string + "/", seen.string + "/",
            ])
        #expect(rsync.outputText + rsync.errorText == "")
        #expect(try TreeFacts.compare(tree, seen) == [])
        // Of folders neither size nor number of links is kept.
        let facts =
            #"find . -path ./\#(deep) -prune -o -path ./l -prune -o -type d -printf '%p %y %m %U %G %T@\n' -o -printf '%p %y %m %n %U %G %s %T@ %l\n' | LC_ALL=C sort"#
        #expect(try shell(facts, in: tree) == shell(facts, in: seen))
        #expect(mounted.end() == 0)
        #expect(mounted.program.ownLines.count == 1, "\(mounted.program.lines)")
    }

    @Test("archives and copies of a mounted tree are those of the tree itself")
    func copies() throws {
        let place = try Place(onDisk: true)
        let tree = place.path("tree")
        try Folder.make(tree)
        // Neither cp nor tar gets at what lies deeper than PATH_MAX.
        _ = try TortureTree.make(in: tree, asRoot: isRoot, includingDeepPath: false)
        #expect(try place.snapshot(tree).code == 0)
        guard let mounted = try Mounted(place) else { return }
        let seen = mounted.latest.appending(Path(Array(tree.bytes.dropFirst())))
        // Attributes come in the order in which a file system keeps them.
        let archive = """
            tar --sort=name --format=posix --pax-option=exthdr.name=%d/pax/%f,delete=atime,delete=ctime -c . | sha256sum
            """
        #expect(try shell(archive, in: tree) == shell(archive, in: seen))
        let copy = place.path("copy")
        #expect(try shell("cp -a . '\(copy)'", in: seen) == "")
        #expect(try TreeFacts.compare(tree, copy) == [])
    }

    @Test("mapped, sent, at random places and past the end a file reads as its source does")
    func reading() throws {
        let place = try Place(onDisk: true)
        let source = place.path("source")
        try source.appending("noise").writeNoise(9_000_001)
        try source.appending("text").write(
            Array(repeating: Array("line of text\n".utf8), count: 700_000).flatMap { $0 })
        try source.appending("empty").write([])
        #expect(try place.snapshot(source).code == 0)
        guard let mounted = try Mounted(place) else { return }
        let script = #"""
            import mmap, os, random, socket, sys, threading
            source, seen = sys.argv[1:3]
            random.seed(7)
            device = os.stat(seen).st_dev
            knob = f"/sys/class/bdi/{os.major(device)}:{os.minor(device)}/read_ahead_kb"
            if os.access(knob, os.W_OK): assert open(knob).read() == "2048\n", open(knob).read()
            for name in ("noise", "text", "empty"):
                with open(f"{source}/{name}", "rb") as file: right = file.read()
                file = os.open(f"{seen}/{name}", os.O_RDONLY)
                size = os.fstat(file).st_size
                assert size == len(right)
                assert os.pread(file, 100, size) == b"" and os.pread(file, 100, size + 10**9) == b""
                if size:
                    assert os.pread(file, 10**6, size - 3) == right[-3:]
                    with mmap.mmap(file, 0, prot=mmap.PROT_READ) as mapped:
                        for _ in range(200):
                            place = random.randrange(size)
                            assert mapped[place:place + 5000] == right[place:place + 5000]
                    wrong = []
                    def reads(seed):
                        chance = random.Random(seed)
                        for _ in range(400):
                            place, count = chance.randrange(size), chance.choice((1, 4096, 70000, 300000))
                            if os.pread(file, count, place) != right[place:place + count]: wrong.append(place)
                    threads = [threading.Thread(target=reads, args=(n,)) for n in range(8)]
                    for thread in threads: thread.start()
                    for thread in threads: thread.join()
                    assert not wrong, wrong
                here, there = socket.socketpair()
                got = bytearray()
                def takes():
                    while piece := there.recv(1 << 16): got.extend(piece)
                taker = threading.Thread(target=takes)
                taker.start()
                sent = 0
                while sent < size: sent += os.sendfile(here.fileno(), file, sent, size - sent)
                here.close()
                taker.join()
                assert bytes(got) == right
                os.close(file)
            print("right")
            """#
        let seen = mounted.latest.appending(Path(Array(source.bytes.dropFirst())))
        let outcome = try tool("python3", ["-c", script, source.string, seen.string])
        #expect(outcome.outputText == "right\n", "\(outcome.errorText)")
        #expect(try shell("diff -r '\(source)' '\(seen)'", in: source) == "")
    }

    @Test("whatever would change something is refused: the file system is read-only")
    func readOnly() throws {
        let place = try Place(onDisk: true)
        let source = place.path("source")
        try source.appending("folder/file").write([1, 2, 3])
        #expect(try place.snapshot(source).code == 0)
        guard let mounted = try Mounted(place) else { return }
        let script = #"""
            import errno, os, sys
            top = sys.argv[1]
            file, folder = f"{top}/file", top
            calls = {
                "open to write": lambda: os.open(file, os.O_WRONLY),
                "open to append": lambda: os.open(file, os.O_RDWR | os.O_APPEND),
                "open to truncate": lambda: os.open(file, os.O_RDONLY | os.O_TRUNC),
                "create": lambda: os.open(f"{folder}/new", os.O_CREAT | os.O_WRONLY, 0o600),
                "tmpfile": lambda: os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600),
                "truncate": lambda: os.truncate(file, 1),
                "mkdir": lambda: os.mkdir(f"{folder}/new"),
                "rmdir": lambda: os.rmdir(folder),
                "unlink": lambda: os.unlink(file),
                "rename": lambda: os.rename(file, f"{folder}/new"),
                "link": lambda: os.link(file, f"{folder}/new"),
                "symlink": lambda: os.symlink("x", f"{folder}/new"),
                "mkfifo": lambda: os.mkfifo(f"{folder}/new"),
                "chmod": lambda: os.chmod(file, 0o600),
                "chown": lambda: os.chown(file, 0, 0),
                "utime": lambda: os.utime(file, (1, 1)),
                "setxattr": lambda: os.setxattr(file, "user.x", b"1"),
                "removexattr": lambda: os.removexattr(file, "user.x"),
            }
            for name, call in calls.items():
                try: call()
                except OSError as error: print(name, errno.errorcode[error.errno])
                else: print(name, "done")
            print("access", os.access(file, os.W_OK))
            """#
        for place in [
            mounted.latest.appending(Path(Array(source.appending("folder").bytes.dropFirst()))), mounted.folder,
        ] {
            let outcome = try tool("python3", ["-c", script, place.string])
            var lines = outcome.outputText.split(separator: "\n")
            #expect(lines.popLast() == "access False")
            #expect(lines.count == 18, "\(outcome.errorText)")
            // Where there is no such file, that may be said first.
            let others = lines.filter { !$0.hasSuffix(" EROFS") }
            #expect(
                place == mounted.folder
                    ? others.allSatisfy { $0.hasSuffix(" ENOENT") || $0 == "rmdir EBUSY" } : others.isEmpty, "\(others)"
            )
        }
    }

    @Test("snapshots appear and vanish, under all their names")
    func layout() throws {
        let place = try Place(onDisk: true)
        let source = place.path("source")
        try source.appending("kept").write([1])
        try source.appending("changed").write([1])
        let first = try place.snapshot(source, "--host", "amber", "--tag", "a/b")
        let firstID = String(try #require(first.text("snapshot_id")).prefix(8))
        guard let mounted = try Mounted(place) else { return }
        #expect(
            try shell("ls; ls hosts tags ids; ls hosts/amber | wc -l", in: mounted.folder).split(separator: "\n")
                == [
                    "changes", "hosts", "ids", "latest", "snapshots", "tags", "hosts:", "amber", "", "ids:",
                    "\(firstID)", "latest",
                    "", "tags:", "a%2Fb", "2",
                ].filter { !$0.isEmpty })
        try source.appending("changed").write([2, 2])
        try source.appending("new/file").write([3])
        try Folder.remove(source.appending("kept"))
        try source.appending("kept").write([1])
        let second = try place.snapshot(source, "--host", "amber")
        let secondID = String(try #require(second.text("snapshot_id")).prefix(8))
        // Also where someone stands in the folder, and finds it by no name.
        #expect(try waits(for: "ls | grep -q \(secondID)", in: mounted.folder.appending("ids")))
        let ids = try shell("ls ids", in: mounted.folder).split(separator: "\n").map(String.init)
        #expect(Set(ids) == [firstID, secondID, "latest"])
        let path = String(source.string.dropFirst())
        #expect(try waits(for: "test -e latest/\(path)/new/file", in: mounted.folder))
        #expect(try shell("cat latest/\(path)/new/file | od -An -tu1", in: mounted.folder).contains("3"))
        #expect(try shell("find changes/\(firstID) -type f | wc -l", in: mounted.folder) == "2\n")
        let changes = try shell("cd changes/\(secondID)/\(path) && find . -type f | sort", in: mounted.folder)
        #expect(changes == "./changed\n./kept\n./new/file\n", "\(changes)")
        #expect(try place.run("forget", firstID, "--allow-last").code == 0)
        #expect(try waits(for: "! ls | grep -q \(firstID)", in: mounted.folder.appending("ids")))
        #expect(try waits(for: "test -z \"$(ls)\"", in: mounted.folder.appending("tags")))
        #expect(try shell("ls ids tags", in: mounted.folder) == "ids:\n\(secondID)\nlatest\n\ntags:\n")
        #expect(mounted.end() == 0)
        #expect(mounted.program.ownLines.count == 1, "\(mounted.program.lines)")
    }

    @Test("a mount in use is taken off its folder and ends when its users are done; a killed one can be unmounted")
    func life() throws {
        let place = try Place(onDisk: true)
        let source = place.path("source")
        try source.appending("file").writeNoise(3_000_000)
        #expect(try place.snapshot(source).code == 0)
        guard let mounted = try Mounted(place) else { return }
        do {
            let path = mounted.latest.appending(Path(Array(source.appending("file").bytes.dropFirst())))
            let file = try FileDescriptor.open(path, .read)
            mounted.program.interrupt()
            #expect(mounted.program.waitForLine("warning: ")?.contains("is in use by") == true)
            #expect(try Folder.entries(of: mounted.folder).isEmpty)
            #expect(try SmallFile.read(file, limit: 1 << 24) == source.appending("file").content())
            #expect(!mounted.program.hasEnded)
        }
        #expect(mounted.program.wait() == 0, "\(mounted.program.lines)")
        guard let again = try Mounted(place) else { return }
        again.program.kill()
        #expect(throws: PosixError.self) { try Folder.entries(of: again.folder) }
        let refused = try place.run("mount", again.folder.string)
        #expect(refused.code != 0 && refused.errorText.contains("fusermount3 -u"), "\(refused.errorText)")
        #expect(try tool("fusermount3", ["-u", again.folder.string]).code == 0)
        #expect(try Folder.entries(of: again.folder).isEmpty)
    }

    @Test("where nothing can be mounted it is said why, and what to do")
    func refusals() throws {
        guard access("/dev/fuse", R_OK | W_OK) == 0 else { return print("not tested: /dev/fuse is missing") }
        let place = try Place(onDisk: true)
        try place.path("full/file").write([1])
        func refusal(_ path: Path) throws -> String {
            let run = try place.run("mount", path.string)
            #expect(run.code != 0 && run.code < 128)
            return run.errorText
        }
        #expect(try refusal(place.path("none")).contains("mkdir"))
        #expect(try refusal(place.path("full")).contains("not empty"))
        #expect(try refusal(place.path("full/file")).contains("no folder"))
        #expect(try refusal(place.repository).contains("the repository itself"))
        #expect(try refusal(place.repository.appending("keys")).contains("the repository itself"))
        #expect(try refusal(place.folder.path).contains("repository is in this folder"))
    }

    @Test("damage is an error at that place of that file alone, told once")
    func damage() throws {
        let place = try Place(onDisk: true)
        let source = place.path("source")
        for number in 0..<3 { try source.appending("file \(number)").writeNoise(12 << 20) }
        #expect(try place.snapshot(source).code == 0)
        let packs = try shell("find packs/d -type f -size +20M | head -1", in: place.repository)
        let pack = try FileDescriptor.open(
            place.repository.appending(Path(String(packs.dropLast()))), .readWrite)
        try [UInt8](repeating: 0xA5, count: 4_096).withUnsafeBytesThrowing { raw throws(PosixError) in
            try pack.write(all: raw, at: 16 << 20)
        }
        guard let mounted = try Mounted(place) else { return }
        let seen = mounted.latest.appending(Path(Array(source.bytes.dropFirst())))
        let script = """
            for file in *; do dd if="$file" of=/dev/null bs=1M conv=noerror 2>&1 | grep -c 'Input/output error'; \
            cmp -s "$file" '\(source)/'"$file" && echo same; done
            """
        let lines = try shell(script, in: seen).split(separator: "\n")
        #expect(lines.filter { $0 == "same" }.count >= 2, "\(lines)")
        #expect(lines.contains { $0 != "same" && $0 != "0" }, "\(lines)")
        #expect(mounted.end() == 5)
        #expect(mounted.program.lines.contains { $0.hasPrefix("error: ") && $0.contains("damaged") })
    }
}
