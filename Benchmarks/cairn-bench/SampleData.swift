import Bytes
import Crypto
import Posix

/// What is put into the store: real files, and bytes that nobody can compress.
enum SampleData {
    /// Real files, one after another, up to a number of bytes: those of the Swift toolchain that builds this program (large and binary, with
    /// headers and modules between), and where that is not found, those below `/usr`.
    static func real(byteCount: Int) throws -> Buffer {
        let buffer = Buffer(capacity: byteCount)
        for folder in [toolchain, Path("/usr")].compactMap({ $0 }) where buffer.count < byteCount {
            try fill(buffer, from: folder)
        }
        return buffer
    }

    static func random(byteCount: Int) throws -> Buffer {
        let buffer = Buffer(capacity: byteCount)
        try RandomBytes.fill(buffer.memory)
        buffer.count = byteCount
        return buffer
    }

    /// All regular files below a folder, in the order of their names.
    static func files(below folder: Path) throws -> [Path] {
        var found: [Path] = []
        for entry in try Folder.entries(of: folder).sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            let path = folder.appending(Path(entry.name))
            if entry.kind == 4 { found += try files(below: path) } else if entry.kind == 8 { found.append(path) }
        }
        return found
    }

    private static func fill(_ buffer: Buffer, from folder: Path) throws {
        for path in try files(below: folder) {
            guard let file = try? FileDescriptor.open(path, .read) else { continue }
            while !buffer.free.isEmpty {
                let count = try file.read(into: buffer.free)
                if count == 0 { break }
                buffer.count += count
            }
            if buffer.free.isEmpty { return }
        }
    }

    /// Where the Swift toolchain is installed.
    static var toolchain: Path? { Command.found("swift").first?.parent.parent }
}
