import Posix

/// A log file that grows; once it is rotated, and a new one begins beside it.
struct LogSeries: Series {
    private let folder: Path
    private let firstBytes: Int
    private let roundBytes: Int

    private static let rotation = 10

    init(scratch: Path, scale: Double) {
        folder = scratch.appending("growth-log")
        firstBytes = Int(64e6 * scale)
        roundBytes = Int(2e6 * scale)
    }

    var name: Corpus.Name { .log }
    var source: Path { folder }
    var states: Int { 21 }
    var stateBytes: Int { firstBytes + states * roundBytes }

    func lay(_ state: Int) throws {
        let log = folder.appending("shop.log")
        if state == 0 {
            try FileTree.remove(folder)
            try Folder.makeAll(folder)
        }
        if state == Self.rotation { try Folder.rename(log, to: folder.appending("shop.log.1")) }
        try append(state == 0 ? firstBytes : roundBytes, to: log, state)
    }

    private func append(_ byteCount: Int, to log: Path, _ state: Int) throws {
        let file = try FileDescriptor.open(log, [.write, .create, .append])
        // Each state has hours of its own.
        var lines = LogLines(hour: state == 0 ? 0 : 24 * 30 + state * 24, seed: state)
        var rest = byteCount
        while rest > 0 {
            let text = lines.next(min(rest, 1 << 20))
            try text.withUnsafeBytes { try file.write(all: $0) }
            rest -= text.count
        }
    }
}
