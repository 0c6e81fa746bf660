import Posix

/// Trees to take snapshots of.
struct Corpus {
    enum Name: String {
        /// Few files, most bytes in large ones: a Swift toolchain.
        case toolchain
        /// Very many small files: /usr/share and /usr/include.
        case usr
        /// Releases of one project side by side.
        case releases
        /// Bytes that nobody can compress.
        case noise
        /// A tree that changes from snapshot to snapshot.
        case history
        /// Two hundred files of 4 KiB.
        case small
        /// A database in one file, a file system in one, a log file: only as series, see `Series`.
        case database, image, log
        /// The last of the releases, in the repository that all the others went into before.
        case growth
    }

    let name: Name
    /// Absolute paths, without links.
    let sources: [Path]

    /// How it changes; nil for those that do not.
    var changes: ChangingTree? { name == .history ? ChangingTree(folder: sources[0]) : nil }

    /// What all of it is; reads it, so that it lies in memory afterwards.
    func digest() throws -> TreeDigest { try TreeDigest(sources) }

    /// The corpus in a folder of corpora, or, without such a folder, what every machine has; nil where it is missing.
    static func found(_ name: Name, in folder: Path?, scratch: Path) throws -> Corpus? {
        if name == .small {
            return Corpus(name: name, sources: [try Folder.resolved(makeSmall(scratch.appending("small")))])
        }
        if name == .history {
            let tree = ChangingTree(folder: scratch.appending("history"))
            try tree.evolve(to: 0)
            return Corpus(name: name, sources: [try Folder.resolved(tree.folder)])
        }
        let sources = (folder.map { [$0.appending(name.rawValue)] } ?? usual(name)).compactMap {
            try? Folder.resolved($0)
        }
        // A toolchain that was installed into the system cannot be told from the rest of it.
        if sources.isEmpty || sources == ["/usr"] || sources == ["/"] { return nil }
        return Corpus(name: name, sources: sources)
    }

    /// What every machine has. Of the toolchain only Swift's own libraries, most of which are large files: all of it would
    /// take most of the minutes.
    private static func usual(_ name: Name) -> [Path] {
        switch name {
        case .usr: return ["/usr/share", "/usr/include"]
        case .toolchain:
            guard let toolchain = SampleData.toolchain else { return [] }
            let libraries = toolchain.appending("lib/swift")
            return [(try? Folder.status(libraries))?.isFolder == true ? libraries : toolchain]
        default: return []
        }
    }

    /// The same where everything can be read, else a copy of what can be read: programs that meet something unreadable end
    /// with an error, each with its own.
    func readable(scratch: Path) throws -> Corpus {
        do {
            _ = try digest()
            return self
        } catch let error as PosixError where error.errno == .permissionDenied {
            let target = try Folder.resolved(scratch).appending("copy-of-\(name.rawValue)")
            try Folder.makeAll(target)
            let copy = CopyPeer(path: Command.found("cp").first ?? "/bin/cp")
            // It fails, for it cannot read everything either.
            _ = try? Child.time(
                copy.copying(sources, to: target, environment: ["PATH": Environment.path]),
                errors: scratch.appending("unreadable"))
            return Corpus(name: name, sources: sources.map { target.appending(Path($0.bytes.dropFirst())) })
        }
    }

    private static func makeSmall(_ folder: Path) throws -> Path {
        for number in 0..<200 {
            let place = folder.appending("\(number / 20)")
            try Folder.makeAll(place)
            let line = Array("file \(number) of a small tree\n".utf8)
            let file = place.appending("\(number).txt")
            try SmallFile.replace(file, with: (0..<4_096).map { line[$0 % line.count] })
            // So that it is the same tree in each run.
            try FileDescriptor.open(file, .read).setModified(FileTime(seconds: 1_700_000_000, nanoseconds: 0))
        }
        return folder
    }
}
