import Bytes
import Crypto
import Posix

/// What trees hold, in one figure: kinds, permissions, sizes, whole seconds of files' times, link targets and contents of all
/// that is in them, in the order of their names. Owners are left out, for a plain user cannot restore them.
struct TreeDigest: Equatable {
    private(set) var entries = 0
    private(set) var bytes = 0
    private(set) var digest = ""

    /// Reads some folders or files, each by its absolute path below a root. That warms the caches too.
    init(_ sources: [Path], below root: Path = "/") throws {
        var walk = Walk()
        for source in sources {
            let path = root.appending(Path(source.bytes.drop { $0 == UInt8(ascii: "/") }))
            let folder = try FileDescriptor.open(path.parent, [.read, .folder])
            try walk.visit(Path(path.lastComponent), in: folder)
        }
        entries = walk.entries
        bytes = walk.bytes
        digest = walk.stream.finish().hex
    }

    private struct Walk {
        var entries = 0
        var bytes = 0
        let stream = SHA256Stream()
        let buffer = Buffer(capacity: 1 << 20)

        mutating func visit(_ name: Path, in folder: borrowing FileDescriptor) throws {
            let status = try folder.status(of: name)
            entries += 1
            let seconds = status.isRegular ? status.modified.seconds : 0
            let size = status.isRegular ? status.size : 0
            let permissions = status.kind == .link ? 0 : status.permissions
            stream.update(Array(name.bytes))
            stream.update(Array("\0\(status.kind.rawValue) \(permissions) \(size) \(seconds)\n".utf8))
            switch status.kind {
            case .link: stream.update(try folder.linkTarget(of: name) + [0])
            case .regular: try read(folder.open(name, .read))
            case .folder:
                let inner = try folder.open(name, [.read, .folder])
                for entry in try inner.sortedEntries() { try visit(Path(entry.name), in: inner) }
                // So that a file behind a folder is not taken for one in it.
                stream.update([0])
            default: break
            }
        }

        private mutating func read(_ file: borrowing FileDescriptor) throws {
            while true {
                let count = try file.read(into: buffer.memory)
                if count == 0 { return }
                bytes += count
                stream.update(UnsafeRawBufferPointer(rebasing: buffer.memory[..<count]))
            }
        }
    }
}
