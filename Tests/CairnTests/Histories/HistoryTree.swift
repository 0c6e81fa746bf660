import Posix
import TestSupport

/// A folder on a real disk, and what must be in it: each change is made to both. Beside it is a place for a folder that leaves it for a while.
///
/// Names are paths below the folder; the folder itself is the empty one.
final class HistoryTree {
    /// How a file comes by new bytes.
    enum Manner: CaseIterable {
        /// Written over, then cut: it stays the same file, and most of it is never missing.
        case over
        /// Emptied, then written.
        case anew
        /// Another file takes its name.
        case replaced
    }

    /// The folder that is a source of its own too. It keeps its name.
    static let part = "src"

    private let place: TemporaryFolder
    private(set) var files: [String: HistoryFile] = [:]
    private(set) var folders: Set<String> = [""]
    /// Contents that were there and are no more, the latest last.
    private(set) var past: [HistoryFile] = []
    private var named = 0
    /// How many files there were when everything began: their number stays near it.
    var planted = 0

    /// What is in the folder that has left, under the names that it had.
    private var away: (name: String, folders: Set<String>, files: [String: HistoryFile])?

    init() throws {
        place = try TemporaryFolder(onDisk: true)
        try Folder.make(folder)
    }

    var folder: Path { place.path.appending("tree") }

    var bytes: Int { files.values.reduce(0) { $0 + $1.bytes.count } }

    func path(_ name: String) -> Path { name.isEmpty ? folder : folder.appending(name) }

    // MARK: Choosing

    /// A file of those that fit; nil if none does.
    func anyFile(_ chance: inout SplitMix64, where fits: (HistoryFile) -> Bool = { _ in true }) -> String? {
        let names = files.filter { fits($0.value) }.keys.sorted()
        return names.isEmpty ? nil : names[chance.number(below: names.count)]
    }

    /// Any folder; where it is to be renamed or removed, none that stays.
    func anyFolder(_ chance: inout SplitMix64, thatMayGo: Bool = false) -> String? {
        let names = folders.filter { !thatMayGo || !["", Self.part].contains($0) }.sorted()
        return names.isEmpty ? nil : names[chance.number(below: names.count)]
    }

    /// A name in a folder that nothing has.
    func newName(in folder: String, _ word: String) -> String {
        named += 1
        return Self.join(folder, "\(word)-\(named)")
    }

    static func join(_ folder: String, _ name: String) -> String { folder.isEmpty ? name : "\(folder)/\(name)" }

    static func parent(of name: String) -> String {
        name.split(separator: "/").dropLast().joined(separator: "/")
    }

    // MARK: Changing

    /// Writes a file, a new one or one that is there.
    func write(_ name: String, _ file: HistoryFile, _ manner: Manner = .anew) throws {
        if let old = files[name], old.bytes != file.bytes { remember(old) }
        files[name] = file
        let written = manner == .replaced ? path(name + ".new") : path(name)
        let options: FileDescriptor.Options = manner == .over ? [.write, .create] : [.write, .create, .truncate]
        let open = try FileDescriptor.open(written, options, mode: 0o640)
        try file.bytes.withUnsafeBytesThrowing { raw throws(PosixError) in try open.write(all: raw) }
        try open.truncate(to: UInt64(file.bytes.count))
        if manner == .replaced { try Folder.rename(written, to: path(name)) }
    }

    /// Lets a file grow by a hole.
    func stretch(_ name: String, by count: Int) throws {
        guard var file = files[name] else { return }
        file.bytes += [UInt8](repeating: 0, count: count)
        files[name] = file
        try FileDescriptor.open(path(name), .write).truncate(to: UInt64(file.bytes.count))
    }

    func rename(_ name: String, to newName: String) throws {
        if let replaced = files[newName] { remember(replaced) }
        files[newName] = files.removeValue(forKey: name)
        try Folder.rename(path(name), to: path(newName))
    }

    func swap(_ one: String, _ other: String) throws {
        (files[one], files[other]) = (files[other], files[one])
        let between = path(one + ".between")
        try Folder.rename(path(one), to: between)
        try Folder.rename(path(other), to: path(one))
        try Folder.rename(between, to: path(other))
    }

    func remove(_ name: String) throws {
        if let file = files.removeValue(forKey: name) { remember(file) }
        try Folder.remove(path(name))
    }

    func setMode(_ name: String, _ mode: UInt32) throws { try Folder.setMode(path(name), mode) }

    func setModified(_ name: String, _ time: FileTime) throws {
        try FileDescriptor.open(path(name), .read).setModified(time)
    }

    func modified(_ name: String) throws -> FileTime { try Folder.status(path(name)).modified }

    // MARK: Folders

    func makeFolder(_ name: String) throws {
        folders.insert(name)
        try Folder.make(path(name), mode: 0o750)
    }

    func renameFolder(_ name: String, to newName: String) throws {
        func moved(_ old: String) -> String { newName + old.dropFirst(name.count) }
        func isInside(_ other: String) -> Bool { other == name || other.hasPrefix(name + "/") }
        folders = Set(folders.map { isInside($0) ? moved($0) : $0 })
        files = Dictionary(
            uniqueKeysWithValues: files.map { isInside($0.key) ? (moved($0.key), $0.value) : ($0.key, $0.value) })
        try Folder.rename(path(name), to: path(newName))
    }

    func removeFolder(_ name: String) throws {
        for (_, file) in takeOut(name).files.sorted(by: { $0.key < $1.key }) { remember(file) }
        TemporaryFolder.removeAll(path(name))
    }

    var hasFolderAway: Bool { away != nil }

    /// Lets a folder leave. Nothing about the files in it changes, which only the kernel could tell.
    func sendAway(_ name: String) throws {
        let (folders, files) = takeOut(name)
        away = (name, folders, files)
        try Folder.rename(path(name), to: place.path.appending("away"))
    }

    /// Lets it come back where it was, and says where that is; nil if something else is there by now, or nothing above it.
    func takeBack() throws -> String? {
        guard let (name, folders, files) = away, self.folders.contains(Self.parent(of: name)),
            !self.folders.contains(name), self.files[name] == nil
        else { return nil }
        away = nil
        self.folders.formUnion(folders)
        self.files.merge(files) { _, back in back }
        try Folder.rename(place.path.appending("away"), to: path(name))
        return name
    }

    private func takeOut(_ name: String) -> (folders: Set<String>, files: [String: HistoryFile]) {
        func isInside(_ other: String) -> Bool { other == name || other.hasPrefix(name + "/") }
        let out = (folders: folders.filter(isInside), files: files.filter { isInside($0.key) })
        folders.subtract(out.folders)
        for file in out.files.keys { files[file] = nil }
        return out
    }

    private func remember(_ file: HistoryFile) {
        past.append(file)
        if past.count > 30 { past.removeFirst() }
    }
}
