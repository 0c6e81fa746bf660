internal import Posix

// The parts of a torture tree that are not plain files in plain folders.
extension TreeMaker {
    // MARK: Attributes

    func makeAttributes(_ root: borrowing FileDescriptor) throws(PosixError) {
        try folder("attributes", in: root) { folder throws(PosixError) in
            let values: [(String, [UInt8])] = [
                ("empty", []), ("binary", Array(0...255)), ("3000", noise(3_000)), ("64KiB", noise(65_536)),
            ]
            for (name, value) in values {
                try file(Path(name), in: folder)
                try set("user." + name, value, on: Path(name), in: folder)
                try self.folder(Path("folder-" + name), in: folder) { inner throws(PosixError) in
                    try file("inside", in: inner)
                }
                let modified = try folder.status(of: Path("folder-" + name)).modified
                try set("user." + name, value, on: Path("folder-" + name), in: folder)
                try folder.setModified(of: Path("folder-" + name), modified)
            }
            try file("several", in: folder)
            for name in ["user.b", "user.a", "user.a.b", "user.\u{E9}", "user. ", "user." + text("n", 250)] {
                try set(name, Array(name.utf8), on: "several", in: folder)
            }
            try makeACLs(folder)
            guard asRoot else { return }
            // Version 2, effective; permitted: to bind ports below 1024 and to trace the network.
            let capability = little(0x0200_0001) + little(0x0000_2400) + little(0) + little(0) + little(0)
            try file("capability", in: folder, mode: 0o755)
            try set("security.capability", capability, on: "capability", in: folder)
            try file("trusted", in: folder)
            try set("trusted.cairn-test", [0, 1, 2], on: "trusted", in: folder)
            try folder.makeLink("link", to: Array("trusted".utf8))
            try set("trusted.link", Array("of the link".utf8), on: "link", in: folder)
            try folder.setModified(of: "link", tick())
            try folder.makeNode("fifo", .fifo, mode: 0o600)
            try set("trusted.fifo", Array("of the FIFO".utf8), on: "fifo", in: folder)
            try folder.setModified(of: "fifo", tick())
        }
    }

    private func makeACLs(_ folder: borrowing FileDescriptor) throws(PosixError) {
        // Tags: 1 owner, 2 a user, 4 owning group, 8 a group, 16 mask, 32 others.
        func list(_ entries: [(tag: UInt16, rights: UInt16, id: UInt32)]) -> [UInt8] {
            little(2) + entries.flatMap { little($0.tag) + little($0.rights) + little($0.id) }
        }
        let nobody = UInt32.max
        let access = list([
            (1, 6, nobody), (2, 4, 12_345), (4, 4, nobody), (8, 6, 54_321), (16, 6, nobody), (32, 0, nobody),
        ])
        let inherited = list([(1, 7, nobody), (2, 5, 12_345), (4, 5, nobody), (16, 5, nobody), (32, 5, nobody)])
        try file("acl", in: folder)
        try set("system.posix_acl_access", access, on: "acl", in: folder)
        try self.folder("acl-folder", in: folder, mode: 0o750) { _ throws(PosixError) in }
        try set("system.posix_acl_access", access, on: "acl-folder", in: folder)
        // What is made in such a folder inherits; this was made before, and must not.
        try self.folder("acl-default", in: folder) { inner throws(PosixError) in
            try file("without", in: inner, mode: 0o600)
            try self.folder("folder-without", in: inner) { _ throws(PosixError) in }
        }
        try set("system.posix_acl_default", inherited, on: "acl-default", in: folder)
    }

    private func set(
        _ name: String, _ value: [UInt8], on file: Path, in folder: borrowing FileDescriptor
    ) throws(PosixError) {
        try attempt("\(Path(name)) of \(value.count) bytes on \(file)") { () throws(PosixError) in
            try folder.setAttribute(Array(name.utf8), value, of: file)
        }
    }

    private func text(_ letter: Character, _ count: Int) -> String { String(repeating: letter, count: count) }

    private func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    // MARK: Holes

    func makeSparseFiles(_ root: borrowing FileDescriptor) throws(PosixError) {
        try folder("sparse", in: root) { folder throws(PosixError) in
            let mebi = UInt64(1 << 20)
            let plans: [(name: String, size: UInt64, data: [UInt64])] = [
                ("head", 3 * mebi, [2 * mebi]), ("middle", 3 * mebi, [0, 2 * mebi]), ("tail", 3 * mebi, [0]),
                ("all", 3 * mebi, []), ("all-small", 600, []), ("tail-uneven", 100_001, [0]),
                ("comb", 2 * mebi, stride(from: 0, to: 2 * mebi, by: 131_072).map { $0 }),
                ("wide", 24 * mebi, [16 * mebi, 23 * mebi]), ("end", 2 * mebi + 17, [2 * mebi]),
            ]
            for plan in plans {
                let file = try folder.open(Path(plan.name), [.write, .create, .exclusive])
                try file.truncate(to: plan.size)
                for offset in plan.data {
                    let count = Int(min(65_536, plan.size - offset))
                    try noise(count).withUnsafeBytesThrowing { raw throws(PosixError) in
                        try file.write(all: raw, at: offset)
                    }
                }
                // What is written later may lie elsewhere on the disk than what the kernel still holds in memory.
                try file.synchronize()
                try file.setMode(0o644)
                try file.setModified(tick())
                if plan.name == "all", try file.status().blocks > 8 { leaveOut("holes: the file system has none") }
            }
        }
    }

    // MARK: Links

    func makeLinks(_ root: borrowing FileDescriptor) throws(PosixError) {
        try folder("links", in: root) { folder throws(PosixError) in
            let targets = [
                "nowhere", ".", "..", "/", "/etc/passwd", "self", "a\nb", " ", "../names/a", "file/", "//", "\u{E9}",
                String(repeating: "long/", count: 800),
            ]
            for (number, target) in targets.enumerated() {
                let name = Path("symbolic-\(number)")
                try folder.makeLink(name, to: target == "self" ? Array(name.bytes) : Array(target.utf8))
                try folder.setModified(of: name, tick())
            }
            try folder.makeLink("no-text", to: [0xFF, 0x2F, 0xFE])
            try folder.setModified(of: "no-text", tick())

            try file("twice", in: folder, noise(100_000))
            try folder.makeHardLink("twice-b", to: "twice", in: folder)
            try file("same content, not linked", in: folder, Array("x".utf8))
            try file("same content, not linked either", in: folder, Array("x".utf8))
            try folder.makeLink("linked-link", to: Array("twice".utf8))
            try folder.setModified(of: "linked-link", tick())
            try folder.makeNode("linked-fifo", .fifo, mode: 0o600)
            try folder.setModified(of: "linked-fifo", tick())
            try file("linked-empty", in: folder, [])
            try self.folder("below", in: folder) { inner throws(PosixError) in
                try inner.makeHardLink("twice-c", to: "twice", in: folder)
                try inner.makeHardLink("linked-fifo", to: "linked-fifo", in: folder)
                try inner.makeHardLink("linked-empty", to: "linked-empty", in: folder)
                try self.attempt("hard links to symbolic links") { () throws(PosixError) in
                    try inner.makeHardLink("linked-link", to: "linked-link", in: folder)
                }
            }
        }
    }

    // MARK: Nodes

    func makeNodes(_ root: borrowing FileDescriptor) throws(PosixError) {
        try folder("nodes", in: root) { folder throws(PosixError) in
            var nodes: [(name: String, kind: FileStatus.Kind, device: DeviceNumber)] = [
                ("fifo", .fifo, DeviceNumber(0)), ("socket", .socket, DeviceNumber(0)),
            ]
            if asRoot {
                nodes += [
                    ("null", .characterDevice, DeviceNumber(major: 1, minor: 3)),
                    ("character", .characterDevice, DeviceNumber(major: 4_095, minor: 1_048_575)),
                    ("block", .blockDevice, DeviceNumber(major: 7, minor: 300)),
                    ("whiteout", .characterDevice, DeviceNumber(0)),
                ]
            }
            for node in nodes {
                try attempt(node.name) { () throws(PosixError) in
                    let name = Path(node.name)
                    try folder.makeNode(name, node.kind, mode: 0o600, device: node.device)
                    try folder.setMode(of: name, 0o664)
                    try folder.setModified(of: name, tick())
                }
            }
        }
    }

    // MARK: Depth

    /// A path of more than 4096 bytes.
    func makeDeepPath(_ root: Path) throws(PosixError) {
        try descend(FolderNode(path: root), levels: 24, name: Path([UInt8](repeating: 0x64, count: 200)))
    }

    /// Not long, but of more levels than a process may have files open.
    func makeManyLevels(_ root: Path) throws(PosixError) {
        try descend(FolderNode(path: root), levels: 1_200, name: "l")
    }

    private func descend(_ root: FolderNode, levels: Int, name: Path) throws(PosixError) {
        var nodes = [root]
        for _ in 0..<levels {
            let folder = try nodes[nodes.count - 1].opened()
            try folder.descriptor.makeFolder(name, mode: 0o755)
            nodes.append(nodes[nodes.count - 1].child(name))
        }
        let last = try nodes[levels].opened()
        try file("deepest", in: last.descriptor)
        try last.descriptor.makeLink("link", to: Array("deepest".utf8))
        try last.descriptor.setModified(of: "link", tick())
        // From the end, as each folder's time changes when something is made in it.
        for node in nodes.dropFirst().reversed() {
            let time = tick()
            try node.opened().descriptor.setModified(time)
        }
    }

    // MARK: Immutable

    func makeImmutable(_ root: borrowing FileDescriptor) throws(PosixError) {
        try file("immutable", in: root)
        guard TreeRemoval.setImmutable("immutable", in: root, true) else {
            return leaveOut("an immutable file: the file system has none")
        }
    }
}
