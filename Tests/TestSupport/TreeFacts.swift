// unsafe: files are read into a buffer that is reused.
internal import Crypto
public import Posix

/// An exact comparison of two trees on the disk, made without the product: only system calls and SHA-256.
public enum TreeFacts {
    /// What is compared. Kinds and names always are.
    public struct Aspects: OptionSet, Sendable {
        /// The bits.
        public let rawValue: Int
        /// Makes aspects of bits.
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// The lowest twelve bits of the mode, except of symbolic links, which have none.
        public static let mode = Aspects(rawValue: 1)
        /// User and group, by number.
        public static let owner = Aspects(rawValue: 2)
        /// The modification time, to the nanosecond.
        public static let modified = Aspects(rawValue: 4)
        /// Size and SHA-256 of files, targets of links, numbers of devices.
        public static let content = Aspects(rawValue: 8)
        /// Extended attributes of all name spaces that can be read.
        public static let attributes = Aspects(rawValue: 16)
        /// Which names are the same file.
        public static let hardLinks = Aspects(rawValue: 32)
        /// Where files have data and where holes, and roughly how much of the disk they take.
        public static let holes = Aspects(rawValue: 64)
        /// All of these.
        public static let all = Aspects(rawValue: 127)
    }

    /// How two trees differ, a line for each difference; empty if they do not. The two folders themselves count too. Memory grows with the
    /// largest folder and the number of hard links.
    public static func compare(
        _ left: Path, _ right: Path, _ aspects: Aspects = .all
    ) throws(PosixError) -> [String] {
        var comparison = TreeComparison(aspects)
        try comparison.compare(left, right)
        return comparison.differences
    }

    /// The SHA-256 of a file's bytes.
    static func digest(_ file: borrowing FileDescriptor) throws(PosixError) -> SHA256Digest {
        let stream = SHA256Stream()
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = try buffer.withUnsafeMutableBytesThrowing { raw throws(PosixError) in
                let count = try file.read(into: raw)
                stream.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(raw)[..<count]))
                return count
            }
            if count == 0 { return stream.finish() }
        }
    }

    /// Where a file has data, as far as the file system tells.
    static func extents(_ file: borrowing FileDescriptor) throws(PosixError) -> [Range<UInt64>] {
        var extents: [Range<UInt64>] = []
        var offset: UInt64 = 0
        while let start = try file.nextData(from: offset) {
            let end = try file.nextHole(from: start)
            extents.append(start..<end)
            offset = end
        }
        return extents
    }
}

/// One comparison that goes on.
private struct TreeComparison {
    private struct Inode: Hashable {
        let device: UInt64
        let number: UInt64
    }

    private let aspects: TreeFacts.Aspects
    private(set) var differences: [String] = []
    private var firstNames: (left: [Inode: Path], right: [Inode: Path]) = ([:], [:])
    private let limit = 200

    init(_ aspects: TreeFacts.Aspects) { self.aspects = aspects }

    mutating func compare(_ left: Path, _ right: Path) throws(PosixError) {
        let (a, b) = (FolderNode(path: left), FolderNode(path: right))
        compare(try a.opened().descriptor.status(), try b.opened().descriptor.status(), at: Path("."))
        compareAttributes(
            try Self.attributes(a.opened().descriptor), try Self.attributes(b.opened().descriptor), at: Path("."))
        // A list and no recursion, as a tree may have thousands of levels.
        var rest = [(a, b, Path(""))]
        while let (left, right, path) = rest.popLast() {
            guard differences.count < limit else { return differences.append("… and more") }
            for name in try compareFolders(left, right, path) {
                // Names beyond any sensible length are shortened; they serve messages alone.
                let shown = path.bytes.count > 600 ? Path(path.bytes.suffix(500)) : path
                rest.append((left.child(name), right.child(name), shown.appending(name)))
            }
        }
    }

    /// Compares the names in two folders; those that are folders on both sides are left.
    private mutating func compareFolders(
        _ left: FolderNode, _ right: FolderNode, _ path: Path
    ) throws(PosixError) -> [Path] {
        let (a, b) = (try left.opened(), try right.opened())
        var (namesA, namesB) = (try a.descriptor.sortedEntries()[...], try b.descriptor.sortedEntries()[...])
        var folders: [Path] = []
        while let next = [namesA.first?.name, namesB.first?.name].compactMap({ $0 }).min(by: { $0.precedes($1) }) {
            let name = Path(next)
            let place = path.appending(name)
            let isLeft = namesA.first?.name == next
            let isRight = namesB.first?.name == next
            if isLeft { namesA.removeFirst() }
            if isRight { namesB.removeFirst() }
            guard isLeft && isRight else {
                differences.append("\(place): only on the \(isLeft ? "left" : "right")")
                continue
            }
            let (statusA, statusB) = (try a.descriptor.status(of: name), try b.descriptor.status(of: name))
            compare(statusA, statusB, at: place)
            compareAttributes(
                try Self.attributes(of: name, in: a.descriptor), try Self.attributes(of: name, in: b.descriptor),
                at: place)
            guard statusA.kind == statusB.kind else { continue }
            compareLinks(statusA, statusB, at: place)
            if statusA.isFolder { folders.append(name) }
            if statusA.kind == .link, aspects.contains(.content) {
                let (x, y) = (try a.descriptor.linkTarget(of: name), try b.descriptor.linkTarget(of: name))
                note(place, "target", Path(x), Path(y))
            }
            if statusA.isRegular { compareFiles(name, a.descriptor, b.descriptor, at: place) }
        }
        return folders
    }

    private mutating func note<Value: Equatable>(_ place: Path, _ what: String, _ left: Value, _ right: Value) {
        if left != right { differences.append("\(place): \(what) \(left), not \(right)") }
    }

    private mutating func compare(_ left: FileStatus, _ right: FileStatus, at place: Path) {
        note(place, "kind", String(left.kind.rawValue, radix: 8), String(right.kind.rawValue, radix: 8))
        if aspects.contains(.mode), left.kind != .link {
            note(place, "mode", String(left.permissions, radix: 8), String(right.permissions, radix: 8))
        }
        if aspects.contains(.owner) {
            note(place, "user", left.userID, right.userID)
            note(place, "group", left.groupID, right.groupID)
        }
        if aspects.contains(.modified) {
            note(place, "time", "\(left.modified)", "\(right.modified)")
        }
        // Not to the block: where a file's blocks lie is written in blocks too.
        let (more, less) = (max(left.blocks, right.blocks), min(left.blocks, right.blocks))
        if aspects.contains(.holes), left.isRegular, more > less + 64 + less / 64 {
            note(place, "blocks of 512 bytes", left.blocks, right.blocks)
        }
        guard aspects.contains(.content) else { return }
        if left.isRegular { note(place, "size", left.size, right.size) }
        if [.characterDevice, .blockDevice].contains(left.kind) {
            note(place, "device", DeviceNumber(left.deviceNumber), DeviceNumber(right.deviceNumber))
        }
    }

    /// The same names must be one file on both sides: the first name that the walk met stands for it.
    private mutating func compareLinks(_ left: FileStatus, _ right: FileStatus, at place: Path) {
        guard aspects.contains(.hardLinks), !left.isFolder else { return }
        func first(_ status: FileStatus, _ names: inout [Inode: Path]) -> Path {
            guard status.linkCount > 1 else { return place }
            let inode = Inode(device: status.device, number: status.inode)
            if let name = names[inode] { return name }
            names[inode] = place
            return place
        }
        note(place, "the same file as", first(left, &firstNames.left), first(right, &firstNames.right))
    }

    private mutating func compareFiles(
        _ name: Path, _ left: borrowing FileDescriptor, _ right: borrowing FileDescriptor, at place: Path
    ) {
        do throws(PosixError) {
            let a = try left.open(name, [.read, .nonBlocking])
            let b = try right.open(name, [.read, .nonBlocking])
            if aspects.contains(.content) {
                note(place, "SHA-256", "\(try TreeFacts.digest(a))", "\(try TreeFacts.digest(b))")
            }
            if aspects.contains(.holes) { note(place, "data at", try TreeFacts.extents(a), try TreeFacts.extents(b)) }
        } catch { differences.append("\(place): cannot be compared: \(error)") }
    }

    // MARK: Attributes

    private mutating func compareAttributes(_ left: [Path: [UInt8]], _ right: [Path: [UInt8]], at place: Path) {
        guard aspects.contains(.attributes) else { return }
        for name in Set(left.keys).union(right.keys).sorted() {
            switch (left[name], right[name]) {
            case (let a?, let b?) where a != b:
                differences.append("\(place): attribute \(name) differs (\(a.count) and \(b.count) bytes)")
            case (nil, _): differences.append("\(place): attribute \(name) only on the right")
            case (_, nil): differences.append("\(place): attribute \(name) only on the left")
            default: break
            }
        }
    }

    private static func attributes(of file: Path, in folder: borrowing FileDescriptor) throws(PosixError)
        -> [Path: [UInt8]]
    {
        var found: [Path: [UInt8]] = [:]
        for name in try folder.attributeNames(of: file) { found[Path(name)] = try folder.attribute(name, of: file) }
        return found
    }

    private static func attributes(_ folder: borrowing FileDescriptor) throws(PosixError) -> [Path: [UInt8]] {
        var found: [Path: [UInt8]] = [:]
        for name in try folder.attributeNames() { found[Path(name)] = try folder.attribute(name) }
        return found
    }
}
