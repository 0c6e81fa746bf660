import ChildProcess
import ChunkStore
import Crypto
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Zip archives")
struct ZipTests {
    @Test("the checksum is that of zip files, whatever the pieces")
    func checksum() {
        var crc = CRC32()
        Array("123456789".utf8).withUnsafeBytes { crc.update($0) }
        #expect(crc.value == 0xCBF4_3926)
        var random = SplitMix64(seed: 2)
        let bytes = random.bytes(10_000)
        var whole = CRC32()
        var pieces = CRC32()
        bytes.withUnsafeBytes { all in
            whole.update(all)
            var rest = all[...]
            while !rest.isEmpty {
                let count = min(rest.count, random.number(below: 40))
                pieces.update(UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
        }
        #expect(whole.value == pieces.value)
        #expect(CRC32().value == 0)
    }

    @Test("dates are told as DOS does, from 1980 to 2107")
    func times() {
        func text(_ seconds: Int64) -> String {
            let (date, time) = DOSTime.encode(FileTime(seconds: seconds, nanoseconds: 0))
            let parts = [date >> 9 + 1980, date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2]
            return parts.map { "\($0)" }.joined(separator: " ")
        }
        #expect(text(0) == "1980 1 1 0 0 0")
        #expect(text(1_709_251_199) == "2024 2 29 23 59 58")
        #expect(text(1_709_251_200) == "2024 3 1 0 0 0")
        #expect(text(4_107_542_399) == "2100 2 28 23 59 58")
        #expect(text(4_107_542_400) == "2100 3 1 0 0 0")
        #expect(text(.max) == "2107 12 31 23 59 58")
    }

    private func sample() -> TreeSketch {
        var random = SplitMix64(seed: 3)
        return [
            "dir": ["größe": TreeSketch.file("12345").with { $0.mode = 0o750 }, "empty": ""],
            "large": .bytes(random.bytes(1_500_000)), "link": .link("dir/größe"), "fifo": .node(.fifo),
            "device": .node(.blockDevice(major: 1, minor: 1)), "socket": .node(.socket),
        ]
    }

    @Test("unzip finds every file whole, with mode, time and links; what zip cannot hold is told")
    func unzip() throws {
        let archive = try Archive(sample(), .zip)
        #expect(archive.skipped == ["device: a device", "fifo: a named pipe", "socket: a socket"])
        #expect(try archive.run("unzip -tq archive").hasPrefix("No errors detected"))
        try _ = archive.run("unzip -q archive -d out")
        #expect(
            try archive.run("cat out/dir/größe; stat -c '%a %Y %s' out/dir/größe out/dir/empty out/large") == """
                12345750 1700000000 5
                644 1700000000 0
                644 1700000000 1500000

                """)
        #expect(try archive.run("readlink out/link; ls out") == "dir/größe\ndir\nlarge\nlink\n")
        #expect(try archive.run("zipinfo archive large").contains("-rw-r--r--  4.5 unx  1500000"))
    }

    @Test("Python reads the same from the central directory, and names that are no text do no harm")
    func python() throws {
        let archive = try Archive(["a": sample(), "b": .directory([([0xFF], "raw")])], .zip)
        let listing = try archive.python(
            """
            import zipfile
            z = zipfile.ZipFile("archive")
            assert z.testzip() is None
            for i in z.infolist(): print(ascii(i.filename), i.file_size, oct(i.external_attr >> 16), i.flag_bits, i.date_time[:3])
            """)
        #expect(
            listing == """
                'a/' 0 0o40755 0 (2023, 11, 14)
                'a/dir/' 0 0o40755 0 (2023, 11, 14)
                'a/dir/empty' 0 0o100644 0 (2023, 11, 14)
                'a/dir/gr\\xf6\\xdfe' 5 0o100750 2048 (2023, 11, 14)
                'a/large' 1500000 0o100644 8 (2023, 11, 14)
                'a/link' 11 0o120644 0 (2023, 11, 14)
                'b/' 0 0o40755 0 (2023, 11, 14)
                'b/\\xa0' 3 0o100644 0 (2023, 11, 14)

                """)
    }

    @Test("more members than sixteen bits can count are found")
    func manyMembers() throws {
        let entries = (0..<66_000).map { (Array("f\($0)".utf8), TreeSketch.file("")) }
        let archive = try Archive(.directory(entries), .zip)
        #expect(try archive.python("import zipfile\nprint(len(zipfile.ZipFile('archive').infolist()))") == "66000\n")
        #expect(try archive.run("unzip -Z1 archive | tail -1") == "f9999\n")
    }

    @Test("what lies behind four gigabytes is found")
    func farMembers() throws {
        let (reader, roots) = try SketchRepository().read(["a": "text", "b": "behind"])
        let far: UInt64 = 5 << 30
        let file = try SparseFile(at: far)
        try withoutActuallyEscaping(file.write) { write throws(CairnError) in
            var writer = try ZipWriter(ArchiveOutput(at: far, write))
            try reader.walk(roots[0]) { path, entry throws(CairnError) in
                guard case .file(_, let content, _, _) = entry.node else { return false }
                _ = try writer.add(path, entry, FileBytes(place: .read(content, reader)))
                return false
            }
            try writer.finish()
        }
        #expect(try file.run("unzip -tq archive").hasPrefix("No errors"))
        #expect(try file.run("unzip -p archive b") == "behind")
    }

    #if !DEBUG
        @Test("files of more than four gigabytes, and what lies behind them, are found")
        func largeMembers() throws {
            // One chunk of zeros again and again: nothing of that size is stored.
            let repository = try SketchRepository()
            let session = try repository.store.write(for: "test")
            let zeros = try session.put([UInt8](repeating: 0, count: 4 << 20))
            let count = 1_025
            var builder = ContentBuilder { list, _ throws(CairnError) in
                do throws(StoreError) { return try session.put(list, as: .tree) } catch { throw CairnError(error) }
            }
            for _ in 0..<count { try builder.append(ChunkReference(id: zeros, length: 4 << 20)) }
            let content = try builder.finish()
            try session.flush()
            session.close()
            let size = UInt64(count) << 22
            let node = TreeEntry.Node.file(size: size, content: content, digest: SHA256.digest([1]), holes: .empty)
            let (reader, roots) = try repository.read(["a": .node(node), "b": "behind"])
            let file = try SparseFile(at: 0)
            try withoutActuallyEscaping(file.write) { write throws(CairnError) in
                try TreeExport(reader, format: .zip).run(roots[0], skipped: { _, _ in }, write: write)
            }
            #expect(try file.run("unzip -Zl archive").contains(" \(size) "))
            #expect(try file.run("unzip -p archive b") == "behind")
        }
    #endif
}

/// A file of any length: what is large and zero becomes a hole of it.
private final class SparseFile {
    private let folder: TemporaryFolder
    private var offset: UInt64

    init(at offset: UInt64) throws {
        folder = try TemporaryFolder(onDisk: true)
        self.offset = offset
    }

    func write(_ piece: UnsafeRawBufferPointer) throws(CairnError) {
        do throws(PosixError) {
            let file = try FileDescriptor.open(folder.path.appending("archive"), [.write, .create], mode: 0o600)
            if piece.count < 1 << 20 { try file.write(all: piece, at: offset) }
            offset += UInt64(piece.count)
        } catch { throw CairnError(.target, error) }
    }

    func run(_ script: String) throws -> String {
        let outcome = try ChildProcess("/bin/sh", ["-c", "cd \(folder.path.string) && \(script)"]).run()
        return outcome.outputText
    }
}
