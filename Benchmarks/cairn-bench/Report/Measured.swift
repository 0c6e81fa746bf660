import BenchReport
import Posix

/// All that was measured in one run, and what has to be known about it.
struct Measured {
    let surroundings: Surroundings
    let table: Table
    let programs: [FoundProgram]
    /// Paths of the corpora.
    let sources: [Corpus.Name: [Path]]
    /// What this machine does not have.
    let absent: [String]
    /// What was not measured, with the reason.
    var skipped: [String]
    /// The store beside the limits of its steps; nil where only programs were compared.
    var limits: LimitTable?

    /// Writes the page and its pictures into a folder, and every figure as JSON into a file.
    func write(to folder: Path, json: Path) throws {
        try Folder.makeAll(folder, mode: 0o755)
        try Folder.makeAll(Folder.absolute(json).parent, mode: 0o755)
        let comparisons = table.comparisons
        // A picture of an earlier run must not be taken for one of this.
        for row in Row.all where !comparisons.contains(where: { $0.id == row.id }) {
            try? Folder.remove(folder.appending("\(row.id).svg"))
        }
        for comparison in comparisons {
            let svg = BarPicture(comparison).svg
            try SmallFile.replace(folder.appending(comparison.pictureFile), with: Array(svg.utf8))
        }
        let page = folder.appending("report.md")
        try SmallFile.replace(page, with: Array(self.page(comparisons).utf8))
        try SmallFile.replace(json, with: Array((self.json.written() + "\n").utf8))
        print("\nwritten to \(page), with \(comparisons.count) pictures, and \(json)")
    }
}
