import Glibc
import Posix

/// A large file that compresses as programs and libraries do.
enum LargeFile {
    /// Makes it of the largest files of a toolchain, each once, or of made data where there is none.
    static func make(_ byteCount: Int, of corpora: Path?, scratch: Path) throws -> Path {
        let folder = scratch.appending("large")
        try Folder.makeAll(folder)
        let path = try Folder.resolved(folder).appending("file")
        let file = try FileDescriptor.open(path, [.write, .create, .truncate])
        var left = byteCount
        if let toolchain = try Corpus.found(.toolchain, in: corpora, scratch: scratch) {
            for source in try files(below: toolchain.sources).sorted(by: { $0.size > $1.size }) where left > 0 {
                left -= try copy(source.path, to: file, atMost: left)
            }
        }
        var chance = Chance(seed: 2)
        while left > 0 {
            // Half of it noise, half of it repeated: no worse than many an image.
            let noise = (0..<65_536).map { _ in UInt8(truncatingIfNeeded: chance.number()) }
            let piece = Array((noise + noise).prefix(left))
            try piece.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
            left -= piece.count
        }
        return path
    }

    private static func copy(_ path: Path, to target: borrowing FileDescriptor, atMost limit: Int) throws -> Int {
        let source = try FileDescriptor.open(path, .read)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var copied = 0
        while copied < limit {
            let want = min(buffer.count, limit - copied)
            let got = try buffer.withUnsafeMutableBytesThrowing { raw throws(PosixError) in
                try source.read(into: UnsafeMutableRawBufferPointer(rebasing: raw[..<want]))
            }
            if got == 0 { break }
            try Array(buffer[..<got]).withUnsafeBytesThrowing { raw throws(PosixError) in try target.write(all: raw) }
            copied += got
        }
        return copied
    }

    private static func files(below folders: [Path]) throws -> [(path: Path, size: UInt64)] {
        var found: [(path: Path, size: UInt64)] = []
        var open = folders
        while let folder = open.popLast() {
            for entry in try Folder.entries(of: folder) {
                let path = folder.appending(Path(entry.name))
                if Int32(entry.kind) == Int32(DT_DIR) { open.append(path) }
                if Int32(entry.kind) == Int32(DT_REG) { found.append((path, try Folder.status(path).size)) }
            }
        }
        return found
    }
}
