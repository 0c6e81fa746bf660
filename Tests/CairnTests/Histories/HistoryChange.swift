import Posix
import TestSupport

/// What can happen to a tree.
enum HistoryChange: CaseIterable {
    case content, quietContent, hole
    case rename, move, renameWithContent, swap
    case copy, copyWithContent
    case create, delete, oldContent
    case times, mode
    case newFolder, folderForFile, fileForFolder, renameFolder, moveFolder, removeFolder, folderAway

    /// How often it happens, beside the others.
    private var weight: Int {
        switch self {
        case .content: 30
        case .create, .delete, .oldContent: 6
        case .rename, .move, .renameWithContent, .swap, .copy, .copyWithContent: 4
        case .quietContent, .hole, .times, .mode, .folderAway: 3
        case .newFolder, .folderForFile, .fileForFolder, .renameFolder, .moveFolder, .removeFolder: 1
        }
    }

    /// Lets something happen to a tree; says what.
    static func happen(to tree: HistoryTree, _ chance: inout SplitMix64) throws -> String {
        while true {
            var draw = chance.number(below: allCases.reduce(0) { $0 + $1.weight })
            let change = allCases.first { change in
                draw -= change.weight
                return draw < 0
            }
            if let what = try change?.apply(to: tree, &chance) { return what }
        }
    }

    /// Nil if it cannot happen to a tree that is as this one is.
    private func apply(to tree: HistoryTree, _ chance: inout SplitMix64) throws -> String? {
        switch self {
        case .content, .quietContent, .hole, .oldContent, .times, .mode: return try changeFile(of: tree, &chance)
        case .create: return try create(in: tree, &chance)
        case .copy, .copyWithContent: return try copy(in: tree, &chance)
        case .rename, .move, .renameWithContent, .swap, .delete: return try changeName(in: tree, &chance)
        default: return try changeFolder(of: tree, &chance)
        }
    }

    // MARK: Files

    private func changeFile(of tree: HistoryTree, _ chance: inout SplitMix64) throws -> String? {
        guard let name = pick(from: tree, &chance), var file = tree.files[name] else { return nil }
        let manner = HistoryTree.Manner.allCases[chance.number(below: 3)]
        switch self {
        case .oldContent:
            guard !tree.past.isEmpty else { return nil }
            file = tree.past[chance.number(below: tree.past.count)]
            try tree.write(name, file, manner)
            return "\(name): \(file.bytes.count) bytes of earlier, \(manner)"
        case .hole:
            let count = 1 + chance.number(below: 90_000)
            guard file.bytes.count + count <= HistoryFile.bytesMax else { return nil }
            try tree.stretch(name, by: count)
            return "\(name): stretch by \(count)"
        case .times:
            let days = chance.number(below: 20_000)
            let time = FileTime(seconds: Int64(days) * 86_400, nanoseconds: UInt32(chance.number(below: 1_000_000_000)))
            try tree.setModified(name, time)
            return "\(name): touch to day \(days)"
        case .mode:
            let mode: UInt32 = [0o600, 0o644, 0o755, 0o640][chance.number(below: 4)]
            try tree.setMode(name, mode)
            return "\(name): mode \(String(mode, radix: 8))"
        case .quietContent:
            // Neither size nor time of the content tells that anything has changed.
            guard !file.bytes.isEmpty else { return nil }
            let time = try tree.modified(name)
            let offset = chance.number(below: file.bytes.count)
            file.bytes[offset] ^= UInt8(1 + chance.number(below: 255))
            try tree.write(name, file, manner)
            try tree.setModified(name, time)
            return "\(name): change byte \(offset), and set the time back, \(manner)"
        default:
            let what = file.change(&chance)
            try tree.write(name, file, manner)
            return "\(name): \(what), \(manner)"
        }
    }

    /// Logs and databases are changed more than others are.
    private func pick(from tree: HistoryTree, _ chance: inout SplitMix64) -> String? {
        guard self == .content, chance.number(below: 2) == 0 else { return tree.anyFile(&chance) }
        let kind = HistoryFile.Kind.allCases[1 + 2 * chance.number(below: 2)]
        return tree.anyFile(&chance) { $0.kind == kind }
    }

    private func create(in tree: HistoryTree, _ chance: inout SplitMix64) throws -> String? {
        guard tree.files.count < tree.planted + 20, let folder = tree.anyFolder(&chance) else { return nil }
        let kind = HistoryFile.Kind.allCases[chance.number(below: 4)]
        let file = HistoryFile(kind, about: [0, 300, 20_000, 400_000][chance.number(below: 4)], &chance)
        let name = tree.newName(in: folder, "\(kind)")
        try tree.write(name, file)
        return "\(name): create with \(file.bytes.count) bytes"
    }

    private func copy(in tree: HistoryTree, _ chance: inout SplitMix64) throws -> String? {
        guard tree.files.count < tree.planted + 20, let name = tree.anyFile(&chance), var file = tree.files[name],
            let folder = tree.anyFolder(&chance), tree.bytes + file.bytes.count < 20 << 20
        else { return nil }
        let copy = tree.newName(in: folder, "copy")
        let what = self == .copyWithContent ? ", \(file.change(&chance))" : ""
        try tree.write(copy, file)
        return "\(copy): copy of \(name)\(what)"
    }

    private func changeName(in tree: HistoryTree, _ chance: inout SplitMix64) throws -> String? {
        guard let name = tree.anyFile(&chance), var file = tree.files[name] else { return nil }
        let folder = HistoryTree.parent(of: name)
        switch self {
        case .delete:
            guard tree.files.count > tree.planted - 15 else { return nil }
            try tree.remove(name)
            return "\(name): delete"
        case .swap:
            guard let other = tree.anyFile(&chance), other != name else { return nil }
            try tree.swap(name, other)
            return "\(name): swap with \(other)"
        case .move:
            guard let other = tree.anyFolder(&chance), other != folder else { return nil }
            // What has the name there already is replaced.
            let newName = HistoryTree.join(other, String(name.split(separator: "/").last!))
            guard !tree.folders.contains(newName) else { return nil }
            try tree.rename(name, to: newName)
            return "\(name): move to \(newName)"
        default:
            let newName = tree.newName(in: folder, "renamed")
            try tree.rename(name, to: newName)
            guard self == .renameWithContent else { return "\(name): rename to \(newName)" }
            let what = file.change(&chance)
            try tree.write(newName, file, .over)
            return "\(name): rename to \(newName), \(what)"
        }
    }

    // MARK: Folders

    private func changeFolder(of tree: HistoryTree, _ chance: inout SplitMix64) throws -> String? {
        if self == .newFolder || self == .folderForFile { return try makeFolder(in: tree, &chance) }
        if self == .folderAway, tree.hasFolderAway { return try tree.takeBack().map { "\($0)/: come back" } }
        guard let name = tree.anyFolder(&chance, thatMayGo: true) else { return nil }
        // Not most of the tree at once: there would be little left to go on with.
        let isLarge = tree.files.keys.count { $0.hasPrefix(name + "/") } > tree.files.count / 2
        switch self {
        case .renameFolder:
            let newName = tree.newName(in: HistoryTree.parent(of: name), "folder")
            try tree.renameFolder(name, to: newName)
            return "\(name)/: rename to \(newName)"
        case .moveFolder:
            guard let other = tree.anyFolder(&chance), !(other + "/").hasPrefix(name + "/") else { return nil }
            let newName = tree.newName(in: other, "folder")
            try tree.renameFolder(name, to: newName)
            return "\(name)/: move to \(newName)"
        case .folderAway:
            try tree.sendAway(name)
            return "\(name)/: leave"
        case .fileForFolder:
            guard !isLarge else { return nil }
            try tree.removeFolder(name)
            try tree.write(name, HistoryFile(.text, about: 2_000, &chance))
            return "\(name)/: replace by a file"
        default:
            guard !isLarge else { return nil }
            try tree.removeFolder(name)
            return "\(name)/: remove"
        }
    }

    private func makeFolder(in tree: HistoryTree, _ chance: inout SplitMix64) throws -> String? {
        guard tree.folders.count < 16 else { return nil }
        let name: String
        if self == .folderForFile {
            guard let file = tree.anyFile(&chance) else { return nil }
            try tree.remove(file)
            name = file
        } else {
            guard let folder = tree.anyFolder(&chance) else { return nil }
            name = tree.newName(in: folder, "folder")
        }
        try tree.makeFolder(name)
        // Some stay empty.
        if chance.number(below: 3) > 0 {
            try tree.write(tree.newName(in: name, "text"), HistoryFile(.text, about: 3_000, &chance))
        }
        return "\(name)/: make\(self == .folderForFile ? ", where a file was" : "")"
    }
}
