public import Posix

/// A tree of everything that a snapshot must bring back and that programs like to get wrong: odd modes, names, times, owners,
/// attributes, links, holes and sizes. It is the same in every run, as far as the file system allows.
///
/// Take ``TreeRemoval`` to remove it: a deep path and an immutable file withstand simpler means. A ``TemporaryFolder`` does so.
public enum TortureTree {
    /// Makes the tree in a folder that is there, and says what had to be left out, a line for each. With `asRoot` there are also what
    /// root alone may make or read: owners, devices, capabilities, modes that deny everything.
    public static func make(
        in path: Path, asRoot: Bool, includingDeepPath: Bool = true
    ) throws(PosixError) -> [String] {
        let folder = try FileDescriptor.open(path, [.read, .folder])
        let maker = TreeMaker(asRoot: asRoot)
        try maker.makeModes(folder)
        try maker.makeAttributes(folder)
        try maker.makeNames(folder)
        try maker.makeSizes(folder)
        try maker.makeSparseFiles(folder)
        try maker.makeLinks(folder)
        try maker.makeNodes(folder)
        try maker.makeTimes(folder)
        if includingDeepPath {
            try maker.makeDeepPath(path)
            try maker.makeManyLevels(path)
        } else {
            maker.leaveOut("paths beyond PATH_MAX: not wanted")
        }
        if asRoot {
            try maker.makeOwners(folder)
            try maker.makeImmutable(folder)
        } else {
            maker.leaveOut("owners, devices, capabilities, immutable files, modes that deny reading: not root")
        }
        // What was made first has been changed by nothing since; the folder itself comes last.
        try maker.attribute("user.root", Array("of the tree".utf8), path: path)
        try folder.setMode(0o2755)
        try folder.setModified(FileTime(seconds: 999_999_999, nanoseconds: 999_999_999))
        return maker.leftOut
    }
}

/// Makes the parts of a torture tree, and remembers what could not be made.
final class TreeMaker {
    let asRoot: Bool
    private(set) var leftOut: [String] = []
    private var generator = SplitMix64(seed: 8_848)
    private var clock: Int64 = 1_600_000_000

    init(asRoot: Bool) { self.asRoot = asRoot }

    func leaveOut(_ what: String) { leftOut.append(what) }

    // MARK: Building

    /// A folder whose facts are set after all that is in it was made.
    func folder(
        _ name: Path, in parent: borrowing FileDescriptor, mode: UInt32 = 0o755, owner: (UInt32, UInt32)? = nil,
        modified: FileTime? = nil, _ body: (borrowing FileDescriptor) throws(PosixError) -> Void
    ) throws(PosixError) {
        try parent.makeFolder(name, mode: 0o700)
        let folder = try parent.open(name, [.read, .folder])
        try body(folder)
        if let owner { try folder.setOwner(owner.0, owner.1) }
        try folder.setMode(mode)
        try folder.setModified(modified ?? tick())
    }

    /// A file with these bytes.
    func file(
        _ name: Path, in parent: borrowing FileDescriptor, _ bytes: [UInt8]? = nil, mode: UInt32 = 0o644,
        owner: (UInt32, UInt32)? = nil, modified: FileTime? = nil
    ) throws(PosixError) {
        let file = try parent.open(name, [.write, .create, .exclusive])
        let content = bytes ?? Array("content of \(name)\n".utf8)
        try content.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
        // The owner first: a change of it takes the bits away that lend the owner's rights.
        if let owner { try file.setOwner(owner.0, owner.1) }
        try file.setMode(mode)
        try file.setModified(modified ?? tick())
    }

    /// Bytes that nothing compresses, and others in every run of this maker the same.
    func noise(_ count: Int) -> [UInt8] { generator.bytes(count) }

    /// A new time with every call, each with other nanoseconds.
    func tick() -> FileTime {
        clock += 86_399
        return FileTime(seconds: clock, nanoseconds: UInt32(truncatingIfNeeded: clock &* 7_919 % 1_000_000_000))
    }

    /// Does what not every file system can, and notes it where it cannot.
    func attempt(_ what: String, _ body: () throws(PosixError) -> Void) throws(PosixError) {
        do throws(PosixError) { try body() } catch {
            let excuses: [Errno] = [
                .notSupported, .notPermitted, .permissionDenied, .noSpace, .tooSmall, .invalidArgument, .notImplemented,
                .nameTooLong, .argumentTooLong, .fileTooLarge,
            ]
            guard excuses.contains(error.errno) else { throw error }
            leaveOut("\(what): \(error.errno)")
        }
    }

    func attribute(_ name: String, _ value: [UInt8], path: Path) throws(PosixError) {
        let folder = try FileDescriptor.open(path, [.read, .folder])
        try attempt("\(name) on a folder") { () throws(PosixError) in
            try folder.setAttribute(Array(name.utf8), value)
        }
    }

    // MARK: Modes

    func makeModes(_ root: borrowing FileDescriptor) throws(PosixError) {
        try folder("modes", in: root) { folder throws(PosixError) in
            var modes: [UInt32] = [0o400, 0o444, 0o644, 0o755, 0o777, 0o1644, 0o2755, 0o4755, 0o6755, 0o7777, 0o4644]
            if asRoot { modes += [0, 0o111, 0o222, 0o7000] }
            for mode in modes { try file(Path("file-" + String(mode, radix: 8)), in: folder, mode: mode) }
            var folderModes: [UInt32] = [0o500, 0o700, 0o755, 0o1777, 0o2775, 0o3777, 0o4755]
            if asRoot { folderModes += [0, 0o111] }
            for mode in folderModes {
                try self.folder(Path("folder-" + String(mode, radix: 8)), in: folder, mode: mode) {
                    inner throws(PosixError) in
                    try file("inside", in: inner, mode: asRoot ? 0 : 0o600)
                    try self.folder("below", in: inner, mode: 0o700) { _ throws(PosixError) in }
                }
            }
        }
    }

    // MARK: Names

    func makeNames(_ root: borrowing FileDescriptor) throws(PosixError) {
        try folder("names", in: root) { folder throws(PosixError) in
            let texts = [
                " ", "-rf", "*", "--", "...", "..a", ".hidden", "~", "#", "%41", "\\", "\\n", "$(exit)", "a;b", "a&b",
                "a|b", "line\nline", "\n", "\t", "carriage\rreturn", "bell\u{7}", "escape\u{1B}[31m", "delete\u{7F}",
                "'single'", "\"double\"", "`back`", "trailing ", " leading", "a", "A", "a-b", "a.b", "a0", "caf\u{E9}",
                "cafe\u{301}", "\u{1F3D4}", "\u{202E}right to left", "\u{FEFF}bom", "\u{FFFD}", "NUL", "con.txt",
            ]
            for text in texts { try file(Path(text), in: folder) }
            let raw: [[UInt8]] = [
                [0xFF], [0x80], [0xC3, 0x28], [0xE2, 0x28, 0xA1], [0x61, 0xFF, 0x62], [0xED, 0xA0, 0x80], [0x01],
                [0xC0, 0xAF], [UInt8](repeating: 0xFE, count: 255),
            ]
            for bytes in raw {
                try attempt("a name of bytes that are no text") { () throws(PosixError) in
                    try file(Path(bytes), in: folder)
                }
            }
            try file(Path([UInt8](repeating: 0x6E, count: 255)), in: folder)
            try self.folder(Path([UInt8](repeating: 0x6D, count: 255)), in: folder) { _ throws(PosixError) in }
            // A folder beside files that sort before and after what is in it, were paths compared as texts.
            try self.folder("b", in: folder) { inner throws(PosixError) in try file("c", in: inner) }
            try file("b!c", in: folder)
            try file("b0c", in: folder)
            try self.folder(Path([0xFF, 0x0A, 0x2D]), in: folder) { inner throws(PosixError) in
                try file(Path([0x20, 0xFE]), in: inner)
            }
            try self.folder("empty", in: folder) { _ throws(PosixError) in }
        }
    }

    // MARK: Sizes

    func makeSizes(_ root: borrowing FileDescriptor) throws(PosixError) {
        try folder("sizes", in: root) { folder throws(PosixError) in
            var sizes = [0, 1, 2, 511, 512, 513, 4_095, 4_096, 4_097]
            for edge in [16 << 10, 64 << 10, 1 << 20] { sizes += [edge - 1, edge, edge + 1] }
            for size in sizes { try file(Path("noise-\(size)"), in: folder, noise(size)) }
            try file("large", in: folder, noise((5 << 20) + 12_345))
            try file("zeros", in: folder, [UInt8](repeating: 0, count: 300_000))
            try file("same-as-zeros", in: folder, [UInt8](repeating: 0, count: 300_000))
            try file("text", in: folder, generator.text(700_000))
            try self.folder("many", in: folder) { inner throws(PosixError) in
                for number in 0..<300 { try file(Path("\(number)"), in: inner, Array("\(number)".utf8)) }
            }
        }
    }

    // MARK: Times

    func makeTimes(_ root: borrowing FileDescriptor) throws(PosixError) {
        try folder("times", in: root, modified: FileTime(seconds: -1, nanoseconds: 1)) { folder throws(PosixError) in
            let seconds: [Int64] = [
                0, -1, 1, -86_400, -2_147_483_648, -2_147_483_649, 2_147_483_647, 2_147_483_648, 4_294_967_296,
                15_032_385_535, 15_032_385_536, 253_402_300_800, -11_644_473_600,
            ]
            for second in seconds {
                for nanosecond: UInt32 in [0, 1, 123_456_789, 999_999_999] {
                    let time = FileTime(seconds: second, nanoseconds: nanosecond)
                    let name = Path("file \(second).\(nanosecond)")
                    try file(name, in: folder, modified: time)
                    let kept = try folder.status(of: name).modified
                    if kept != time {
                        leaveOut("time \(second).\(nanosecond): the file system made \(kept.seconds) of it")
                    }
                }
                let time = FileTime(seconds: second, nanoseconds: 7)
                try self.folder(Path("folder \(second)"), in: folder, modified: time) { inner throws(PosixError) in
                    try file("newer", in: inner)
                }
                let link = Path("link \(second)")
                try folder.makeLink(link, to: Array("file".utf8))
                try folder.setModified(of: link, time)
            }
        }
    }

    // MARK: Owners

    func makeOwners(_ root: borrowing FileDescriptor) throws(PosixError) {
        try folder("owners", in: root, owner: (1, 2)) { folder throws(PosixError) in
            let owners: [(UInt32, UInt32)] = [
                (0, 0), (1, 1), (0, 65_534), (65_534, 0), (12_345, 54_321), (4_294_967_294, 4_294_967_294),
            ]
            for owner in owners {
                let name = "\(owner.0):\(owner.1)"
                try file(Path("file " + name), in: folder, mode: 0o6755, owner: owner)
                try self.folder(Path("folder " + name), in: folder, mode: 0o2750, owner: owner) {
                    _ throws(PosixError) in
                }
                let link = Path("link " + name)
                try folder.makeLink(link, to: Array("nowhere".utf8))
                try folder.setOwner(of: link, owner.0, owner.1)
                try folder.setModified(of: link, tick())
                let fifo = Path("fifo " + name)
                try folder.makeNode(fifo, .fifo, mode: 0o600)
                try folder.setOwner(of: fifo, owner.0, owner.1)
                try folder.setMode(of: fifo, 0o640)
                try folder.setModified(of: fifo, tick())
            }
        }
    }
}

extension Errno {
    /// ENAMETOOLONG
    static let nameTooLong = Errno(rawValue: 36)
    /// E2BIG
    static let argumentTooLong = Errno(rawValue: 7)
}
