import Posix

/// Changes of packages, made in a tree of files, and written down for the image that holds the same.
struct PackageChanges {
    private let tree: Path
    private var chance: Chance
    private let version = NextVersion()
    private(set) var script = FileSystemImage.Script()

    init(tree: Path, chance: Chance) {
        self.tree = tree
        self.chance = chance
    }

    /// As package managers do it, new files lie beside the old ones before those go. All are written anew; of a hundred thirty-five have
    /// changed and four are not needed any more.
    mutating func update(_ package: Package) throws {
        var written: [String] = []
        var gone: [String] = []
        script.enter(package.folder)
        for file in package.files {
            let path = tree.appending(package.folder).appending(file.name)
            let fate = chance.next(below: 100)
            if fate < 4 {
                gone.append(file.name)
                try Folder.remove(path)
                continue
            }
            if fate < 39 {
                let old = try SmallFile.read(path, limit: 1 << 30)
                try FileTree.write(version.bytes(of: file.name, old, &chance), to: path)
            }
            written.append(file.name)
            script.write(path, as: "\(file.name).dpkg-new")
        }
        for name in gone { script.remove(name) }
        for name in written {
            script.remove(name)
            script.rename("\(name).dpkg-new", to: name)
        }
    }

    /// Its folder stays.
    mutating func remove(_ package: Package) throws {
        script.enter(package.folder)
        for file in package.files {
            script.remove(file.name)
            try Folder.remove(tree.appending(package.folder).appending(file.name))
        }
    }

    mutating func install(_ package: Package, from root: Path) throws {
        try makeFolders(package.folder)
        script.enter(package.folder)
        try package.copy(from: root, to: tree)
        for file in package.files {
            script.write(tree.appending(package.folder).appending(file.name), as: file.name)
        }
    }

    private mutating func makeFolders(_ folder: Path) throws {
        if folder.isEmpty || (try? Folder.status(tree.appending(folder))) != nil { return }
        try makeFolders(folder.parent)
        try Folder.make(tree.appending(folder), mode: 0o755)
        script.makeFolder(folder)
    }
}
