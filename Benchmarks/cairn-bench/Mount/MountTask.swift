import Glibc
import Posix

/// What is done with a mounted tree, by a program of its own.
enum MountTask: String, CaseIterable {
    case names = "list all names"
    case status = "stat them all"
    case sequential = "read a large file in order"
    case random = "read it at random places"
    case small = "read all small files"

    /// What it is called on the command line.
    var name: String { "\(self)" }

    func command(trees: [Path], large: Path) -> Command {
        let trees = trees.map(\.string)
        switch self {
        case .names: return Command(["/usr/bin/find"] + trees + ["-name", "?"], environment: [:])
        case .status: return Command(["/usr/bin/find"] + trees + ["-size", "+1048576G"], environment: [:])
        case .sequential:
            return Command(["/bin/dd", "if=\(large)", "of=/dev/null", "bs=1M", "status=none"], environment: [:])
        case .random: return Command([Child.ownPath, "read-at-random", large.string], environment: [:])
        case .small: return Command([Child.ownPath, "read-all"] + trees, environment: [:])
        }
    }
}

/// The reading that no program of every machine does.
enum MountReading {
    /// Reads a file at places that are the same in each run.
    static func atRandom(_ path: Path) throws {
        let file = try FileDescriptor.open(path, .read)
        let size = try file.status().size
        var chance = Chance(seed: 20_000)
        var buffer = [UInt8](repeating: 0, count: MountBenchmark.randomBytes)
        for _ in 0..<MountBenchmark.randomReads {
            let offset = chance.number() % max(1, size - UInt64(buffer.count))
            _ = try buffer.withUnsafeMutableBytesThrowing { raw throws(PosixError) in
                try file.read(into: raw, at: offset)
            }
        }
    }

    /// Reads every file below some folders, one after another, in the order in which the folders list them.
    static func all(_ folders: [Path]) throws {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var open = folders
        while let path = open.popLast() {
            for entry in try Folder.entries(of: path) {
                let child = path.appending(Path(entry.name))
                if Int32(entry.kind) == Int32(DT_DIR) { open.append(child) }
                guard Int32(entry.kind) == Int32(DT_REG) else { continue }
                let file = try FileDescriptor.open(child, .read)
                while try buffer.withUnsafeMutableBytesThrowing({ raw throws(PosixError) in try file.read(into: raw) })
                    > 0
                {}
            }
        }
    }
}
