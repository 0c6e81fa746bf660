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
        let figures = try measure(corpora, found.peers)
        let table = Table(rows: options.rows, peers: found.peers, figures: figures)
        print(table.text)
        try Folder.makeAll(Folder.absolute(options.json).parent, mode: 0o755)
        let text = table.json(machine: machine, absent: found.absent).written() + "\n"
        try SmallFile.replace(options.json, with: Array(text.utf8))
        print("\nwritten to \(options.json)")
    }

    /// Round for round on all corpora, as long as time is left.
    private func measure(_ corpora: [Corpus], _ peers: [any Peer]) throws -> Figures {
        var figures = Figures()
        var longest: [Corpus.Name: Double] = [:]
        var elapsed = 0.0
        let most = options.minutes > 0 ? options.minutes * 60 : .infinity
        for number in 0..<options.rounds {
            for corpus in corpora {
                if elapsed + longest[corpus.name, default: 0] > most {
                    print(
                        "\(corpus.name.rawValue): no round \(number + 1) of \(options.rounds),"
                            + " which would end after \(options.minutes.digits(0)) minutes")
                    continue
                }
                let rows = options.rows.filter { $0.corpus == corpus.name }
                let seconds = try Stopwatch.seconds {
                    try Round(number: number, corpus: corpus, rows: rows, peers: peers, scratch: scratch)
                        .run(into: &figures)
                }
                elapsed += seconds
                longest[corpus.name] = max(longest[corpus.name, default: 0], seconds)
            }
        }
        return figures
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
