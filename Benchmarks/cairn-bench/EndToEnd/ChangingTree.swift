import Posix

/// A tree that changes from one snapshot to the next as a person's work does: some files are edited in the middle, some grow, some go, some come.
/// The same in every round, and so are the times of its files and folders, which snapshots hold too: it lives in a year of its own.
struct ChangingTree {
    /// How many states it goes through.
    static let versions = 50

    private static let files = 2_000
    private static let filesAFolder = 50
    /// Of each hundred files so many change.
    private static let changedShare = 3
    /// When the first state was made: Unix seconds. Each further one comes a day later.
    private static let beginning: Int64 = 1_700_000_000

    let folder: Path

    /// Brings it from one state to the next; the first is made from nothing.
    func evolve(to version: Int) throws {
        if version == 0 { try FileTree.remove(folder) }
        var folders: Set<Path> = []
        for number in 0..<Self.files {
            var chance = Chance(seed: UInt64(version * Self.files + number))
            guard version == 0 || chance.next(below: 100) < Self.changedShare else { continue }
            folders.insert(path(number).parent)
            switch version == 0 ? 1 : chance.next(below: 8) {
            case 0: try? Folder.remove(path(number))
            case 1: try write(number, try content(number, version: version), version)
            default: try edit(number, &chance, version)
            }
        }
        // They changed with what is in them.
        for folder in folders { try date(folder, version) }
        if version == 0 { try date(folder, version) }
    }

    private func path(_ number: Int) -> Path {
        folder.appending("\(number / Self.filesAFolder)").appending("file-\(number).txt")
    }

    private func write(_ number: Int, _ bytes: [UInt8], _ version: Int) throws {
        let path = path(number)
        try Folder.makeAll(path.parent)
        try SmallFile.replace(path, with: bytes)
        try date(path, version)
    }

    /// Gives a file or folder the time of a state.
    private func date(_ path: Path, _ version: Int) throws {
        let time = FileTime(seconds: Self.beginning + Int64(version) * 86_400, nanoseconds: 0)
        try FileDescriptor.open(path, .read).setModified(time)
    }

    private func edit(_ number: Int, _ chance: inout Chance, _ version: Int) throws {
        let path = path(number)
        guard var bytes = try? SmallFile.read(path, limit: 1 << 24) else { return }
        let place = bytes.isEmpty ? 0 : chance.next(below: bytes.count)
        let line = chance.line()
        bytes.insert(contentsOf: line, at: place)
        if chance.next(below: 3) == 0 { bytes += chance.line() + chance.line() }
        try write(number, bytes, version)
    }

    /// Lines of words: a few kilobytes mostly, sometimes much more.
    private func content(_ number: Int, version: Int) throws -> [UInt8] {
        var chance = Chance(seed: UInt64(version * 1_000_003 + number))
        let size =
            chance.next(below: 10) == 0 ? 200_000 + chance.next(below: 400_000) : 2_000 + chance.next(below: 30_000)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size + 128)
        while bytes.count < size { bytes += chance.line() }
        return bytes
    }
}

extension Chance {
    /// About eighty letters in words; some words come often.
    fileprivate mutating func line() -> [UInt8] {
        var line: [UInt8] = []
        while line.count < 72 {
            var word = next(below: 4) == 0 ? next(below: 1 << 40) : next(below: 400)
            repeat {
                line.append(UInt8(ascii: "a") + UInt8(word % 26))
                word /= 26
            } while word > 0
            line.append(UInt8(ascii: " "))
        }
        return line + [UInt8(ascii: "\n")]
    }
}
