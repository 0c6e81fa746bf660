import Posix

/// Releases of one project, one after another at the same place, as an upgrade lays them.
struct ReleaseSeries: Series {
    /// In the order of their names.
    private let releases: [Path]
    private let folder: Path

    var name: Corpus.Name { .releases }
    var source: Path { folder }
    var states: Int { releases.count }
    let stateBytes: Int

    /// Nil where the folder of corpora has no releases.
    init?(in corpora: Path?, scratch: Path) {
        guard let place = corpora?.appending(Corpus.Name.releases.rawValue),
            let entries = try? Folder.entries(of: place)
        else { return nil }
        releases = entries.map { place.appending(Path($0.name)) }.sorted()
            .filter { (try? Folder.status($0))?.isFolder == true }
        guard releases.count > 1, let sizes = try? FileTree.sizes(below: releases[releases.count - 1]) else {
            return nil
        }
        stateBytes = sizes.reduce(0, +)
        folder = scratch.appending("growth-releases")
    }

    func lay(_ state: Int) throws {
        try FileTree.remove(folder)
        try Folder.makeAll(folder)
        let copy = Command.found("cp").first?.string ?? "/bin/cp"
        _ = try Child.run([copy, "-a", "--", releases[state].appending(".").string, folder.string])
    }
}
