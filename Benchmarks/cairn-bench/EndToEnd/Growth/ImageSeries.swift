import Posix

/// The image of a disk on which packages are updated, removed and installed: files go, and others come to other places.
struct ImageSeries: Series {
    /// Where files come from: the folders of one corpus after another.
    private let sources: [[Path]]
    private let image: FileSystemImage
    private let folder: Path
    /// What is in the image, as files.
    private let tree: Path
    /// A folder for each state, with the package that comes then.
    private let coming: Path
    let stateBytes: Int

    init(tools: FileSystemImage.Tools, sources: [[Path]], scratch: Path, scale: Double) {
        self.sources = sources
        folder = scratch.appending("growth-image")
        tree = scratch.appending("growth-image-tree")
        coming = scratch.appending("growth-image-coming")
        image = FileSystemImage(tools: tools, file: folder.appending("disk.img"), scratch: scratch)
        stateBytes = Int(1_024 * scale) << 20
    }

    var name: Corpus.Name { .image }
    var source: Path { folder }
    var states: Int { 11 }

    /// So many bytes of files are in the image at first.
    private var fileBytes: Int { stateBytes / 100 * 60 }

    func lay(_ state: Int) throws {
        if state == 0 { try begin() } else { try update(state) }
    }

    /// Fills the tree from all sources alike, keeps something for later, and makes the image.
    private func begin() throws {
        for place in [folder, tree, coming] {
            try FileTree.remove(place)
            try Folder.makeAll(place)
        }
        for (index, corpus) in sources.enumerated() {
            var packages: [(root: Path, package: Package)] = []
            for source in corpus {
                let found = try Package.all(in: Path(source.lastComponent), below: source.parent)
                packages += found.map { (source.parent, $0) }
            }
            var chance = Chance(index, of: 6)
            var rest = chance.shuffled(packages)
            for item in Self.take(fileBytes / sources.count, from: &rest, \.package.bytes) {
                try item.package.copy(from: item.root, to: tree)
            }
            for state in 1..<states where index == 0 {
                for item in Self.take(fileBytes / 200, from: &rest, \.package.bytes) {
                    try item.package.copy(from: item.root, to: coming.appending("\(state)"))
                }
            }
        }
        try image.make(of: tree, bytes: stateBytes)
    }

    /// Updates packages that make up three hundredths of all, removes one, and installs what comes.
    private func update(_ state: Int) throws {
        var chance = Chance(state, of: 5)
        var rest = chance.shuffled(try Package.all(in: "", below: tree))
        var changes = PackageChanges(tree: tree, chance: chance)
        let touched = Self.take(fileBytes / 100 * 3, from: &rest, \.bytes)
        for package in touched.prefix(1) { try changes.remove(package) }
        for package in touched.dropFirst() { try changes.update(package) }
        let arriving = coming.appending("\(state)")
        if (try? Folder.status(arriving)) != nil {
            for package in try Package.all(in: "", below: arriving) { try changes.install(package, from: arriving) }
        }
        try image.change(changes.script)
    }

    /// The first that make up nine tenths of so many bytes, without those that are too large for that; they are taken out of the rest.
    private static func take<Item>(_ byteCount: Int, from rest: inout [Item], _ size: (Item) -> Int) -> [Item] {
        var taken: [Item] = []
        var left: [Item] = []
        var bytes = 0
        for item in rest {
            if bytes < byteCount / 10 * 9, bytes + size(item) <= byteCount {
                taken.append(item)
                bytes += size(item)
            } else {
                left.append(item)
            }
        }
        rest = left
        return taken
    }
}
