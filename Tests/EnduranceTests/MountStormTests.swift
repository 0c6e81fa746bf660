import ChildProcess
import Posix
import TestSupport
import Testing

@Suite("A mount beside everything else", .serialized)
struct MountStormTests {
    /// Ten minutes in the long form.
    private let seconds = isFullEndurance ? 600 : 12

    @Test(
        "eight readers see no error and no wrong byte while snapshots are made, forgotten and pruned, and memory stays flat"
    )
    func readers() throws {
        let place = try Place(onDisk: true)
        let source = place.path("source")
        var chance = SplitMix64(seed: 11)
        for number in 0..<400 { try write(number, version: 0, in: source, &chance) }
        // What the readers read stays: its content says what it must be.
        let kept = try place.snapshot(source, "--tag", "kept")
        let id = String(try #require(kept.text("snapshot_id")).prefix(8))
        guard let mounted = try Mounted(place) else { return }
        let (mount, program) = (mounted.folder, mounted.program)
        let script = #"""
            import hashlib, os, random, sys, threading, time
            top, source, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
            digests = {}
            for name in os.listdir(source):
                with open(f"{source}/{name}", "rb") as file: digests[name] = hashlib.sha256(file.read()).hexdigest()
            print("ready", flush=True)
            sys.stdin.readline()
            wrong, reads, end = [], [0] * 8, time.monotonic() + seconds
            def read(number):
                chance = random.Random(number)
                names = sorted(digests)
                while time.monotonic() < end:
                    name = chance.choice(names)
                    try:
                        with open(f"{top}/{name}", "rb") as file:
                            if chance.random() < 0.5:
                                if hashlib.sha256(file.read()).hexdigest() != digests[name]: wrong.append(name)
                            else:
                                os.pread(file.fileno(), 4096, chance.randrange(1 + os.fstat(file.fileno()).st_size))
                        if chance.random() < 0.02 and len(os.listdir(top)) != len(names): wrong.append("names")
                    except OSError as error: wrong.append(f"{name}: {error}")
                    reads[number] += 1
            threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(sum(reads), wrong[:5])
            """#
        // The readers know what is right from a copy that nobody changes.
        let copy = place.path("copy")
        _ = try ChildProcess("/bin/cp", ["-a", source.string, copy.string]).run()
        let top = mount.appending("ids").appending(id).appending(Path(Array(source.bytes.dropFirst())))
        var readers = ChildProcess(try Place.find("python3"), ["-c", script, top.string, copy.string, "\(seconds)"])
        readers.input = [UInt8(ascii: "\n")]
        let outcome = Monitor<String?>(nil)
        let reading = try Thread("readers") { [readers] in
            let text = (try? readers.run()).map { $0.outputText + $0.errorText } ?? "the readers do not run"
            outcome.update { $0 = text }
        }
        var (version, early, late) = (1, 0, 0)
        let began = Machine.monotonicNanoseconds
        while outcome.withLock({ $0 == nil }) {
            for _ in 0..<20 { try write(Int(chance.next() % 400), version: version, in: source, &chance) }
            #expect(try place.snapshot(source).code == 0)
            if version % 3 == 0 {
                let run = try place.run("forget", "--keep-last", "2", "--keep-tag", "kept", "--prune", "--now")
                #expect(run.code == 0, "\(run.errorText)")
            }
            _ = try Folder.entries(of: mount.appending("snapshots"))
            version += 1
            let memory = program.memoryBytes
            if early == 0 || Machine.monotonicNanoseconds - began < Int64(seconds) * 300_000_000 {
                early = max(early, memory)
            }
            late = max(late, memory)
        }
        reading.join()
        let text = outcome.withLock { $0 ?? "" }
        let words = text.split(separator: "\n").last?.split(separator: " ", maxSplits: 1)
        print(
            "mount: \(words?.first ?? "?") files read by eight readers in \(seconds) s beside \(version) snapshots; memory \(early >> 20) MiB early, \(late >> 20) MiB at most"
        )
        #expect(words?.last == "[]", "\(text)")
        #expect(late <= early + 32 << 20 && late <= 256 << 20)
        #expect(program.ownLines.count == 1, "\(program.lines)")
        #expect(mounted.end() == 0)
        #expect(try place.problems() == [])
    }

    private func write(_ number: Int, version: Int, in source: Path, _ chance: inout SplitMix64) throws {
        let count = number % 50 == 0 ? 3_000_000 : Int(chance.next() % 60_000)
        try source.appending("file \(number)").write(
            Array("version \(version) of \(number)\n".utf8) + chance.bytes(count))
    }
}
