import Posix

/// A file system of the kind ext4 in one file, made and changed by its own tools, for which nobody has to be root.
struct FileSystemImage {
    struct Tools {
        let make: Path
        let change: Path

        /// Nil where they are not both here; a user's PATH seldom has their folder.
        static var found: Tools? {
            let folders = ["/usr/sbin", "/sbin"]
            guard let make = Command.found("mke2fs", besides: folders).first,
                let change = Command.found("debugfs", besides: folders).first
            else { return nil }
            return Tools(make: make, change: change)
        }
    }

    let tools: Tools
    let file: Path
    /// For scripts and what the tools say.
    let scratch: Path

    /// Makes it, of so many bytes, with a copy of all that is in a folder.
    func make(of tree: Path, bytes: Int) throws {
        if (try? Folder.status(file)) != nil { try Folder.remove(file) }
        // Names for it and for its folders' order that are the same each time, and blocks as on large disks at any size.
        let identity = "5f1c52d4-3c1b-4d2e-9c56-8d0e1a7b4c3f"
        let words = [
            "-q", "-t", "ext4", "-b", "4096", "-i", "8192", "-U", identity, "-E", "hash_seed=\(identity)", "-d",
            tree.string, file.string, "\(bytes / 1_024)k",
        ]
        _ = try Child.time(Command([tools.make.string] + words), errors: scratch.appending("image-messages"))
    }

    /// Carries out the lines of a script.
    func change(_ script: Script) throws {
        let path = scratch.appending("image-script")
        let messages = scratch.appending("image-messages")
        try SmallFile.replace(path, with: Array(script.lines.map { $0 + "\n" }.joined().utf8))
        _ = try Child.time(Command([tools.change.string, "-w", "-f", path.string, file.string]), errors: messages)
        // Whatever fails, the exit code is 0; its version is all that it should have said.
        let said = String(decoding: try SmallFile.read(messages, limit: 1 << 20), as: UTF8.self)
        if let line = said.split(separator: "\n").dropFirst().first {
            throw Refused(description: "debugfs: \(line)")
        }
    }

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// What is to be changed.
    struct Script {
        private(set) var lines: [String] = []

        mutating func enter(_ folder: Path) { lines.append("cd \"/\(folder)\"") }
        mutating func makeFolder(_ folder: Path) { lines.append("mkdir \"/\(folder)\"") }
        /// Writes a file of this machine into the folder that was entered.
        mutating func write(_ source: Path, as name: String) { lines.append("write \"\(source.string)\" \"\(name)\"") }
        mutating func remove(_ name: String) { lines.append("rm \"\(name)\"") }
        /// Gives a file another name: a second one, and then the first away, which leaves the count of names as it was.
        mutating func rename(_ name: String, to other: String) {
            lines += ["ln \"\(name)\" \"\(other)\"", "unlink \"\(name)\""]
        }
    }
}
