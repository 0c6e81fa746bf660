import Glibc
import Posix

/// The commands as a user runs them, beside other programs for the same work: first and further snapshots, reading again,
/// restoring, looking.
///
/// Every program has a repository and a cache of its own in each round, with its default settings, all on one disk; sources have been read
/// before; what one wrote is on disk before the next begins; another one begins each time. Restored trees are compared with their sources.
struct EndToEnd {
    let options: EndToEndOptions
    let scratch: Path
    let threads: Int

    func run() throws {
        Interruption.hold(true)
        // One that has come stays held back, so that the scratch folder is still removed.
        defer { if !Interruption.isSeen { Interruption.hold(false) } }
        try refuseMemory()
        var found = FoundPeers(cairn: options.cairn, threads: threads, scratch: scratch)
        if let words = options.peers { found.keep(words) }
        let machine = [
            ("processor", "\(Environment.processor), \(threads) of them"), ("folder", "\(scratch.parent)"),
            ("programs", found.peers.map(\.name).joined(separator: "; ")),
        ]
        for (name, value) in machine { print("\(name): \(value)") }
        for text in found.absent { print("absent: \(text)") }
        let corpora = try usableCorpora()
        // What follows is said on standard error.
        fflush(nil)
        var figures = Figures()
        let start = Machine.monotonicNanoseconds
        var longest = 0.0
        for number in 0..<options.rounds {
            let elapsed = Double(Machine.monotonicNanoseconds - start) / 1e9
            if number > 0, options.minutes > 0, elapsed + longest > options.minutes * 60 {
                print(
                    "\(number) of \(options.rounds) rounds, for another would end after \(options.minutes.digits(0)) minutes"
                )
                break
            }
            let seconds = try Stopwatch.seconds {
                for corpus in corpora {
                    let rows = options.rows.filter { $0.corpus == corpus.name }
                    try Round(number: number, corpus: corpus, rows: rows, peers: found.peers, scratch: scratch)
                        .run(into: &figures)
                }
            }
            longest = max(longest, seconds)
            figures.rounds = number + 1
        }
        let table = Table(rows: options.rows, peers: found.peers, figures: figures)
        print(table.text)
        try Folder.makeAll(Folder.absolute(options.json).parent, mode: 0o755)
        let text = table.json(machine: machine, absent: found.absent).written() + "\n"
        try SmallFile.replace(options.json, with: Array(text.utf8))
        print("\nwritten to \(options.json)")
    }

    /// The corpora of the chosen rows, as far as they are here and there is space for them.
    private func usableCorpora() throws -> [Corpus] {
        var corpora: [Corpus] = []
        for row in options.rows where !corpora.contains(where: { $0.name == row.corpus }) {
            guard let corpus = try Corpus.found(row.corpus, in: options.corpora, scratch: scratch) else {
                print("skipped: \(row.title), for its corpus is not here")
                continue
            }
            let readable = try corpus.readable(scratch: scratch)
            let digest = try readable.digest()
            // All repositories at once, a copy, and what is restored.
            let needed = 6 * digest.bytes
            guard try Folder.freeBytes(scratch) > UInt64(needed) else {
                print("skipped: \(row.title), for \(scratch) has not \(needed.grouped) bytes free")
                continue
            }
            let from = readable.sources.map(\.string).joined(separator: " ")
            print("\(row.corpus.rawValue): \(digest.entries.grouped) entries, \(digest.bytes.grouped) bytes, \(from)")
            corpora.append(readable)
        }
        return corpora
    }

    private func refuseMemory() throws {
        let folder = try FileDescriptor.open(scratch, [.read, .folder])
        if try folder.fileSystem().isMemory {
            throw EndToEndOptions.Wrong(
                description: "\(scratch.parent) is in memory, and figures are of disks: name a folder with --scratch")
        }
    }
}
