import Posix

/// What the end-to-end measurement was asked for.
struct EndToEndOptions {
    /// A folder with the corpora as subfolders; without it, what every machine has.
    var corpora: Path?
    /// Nil for three, and one where a repository grows: sizes hardly vary.
    var rounds: Int?
    /// On no corpus a round begins that would end later than so many minutes. 0 for no limit.
    var minutes = 8.0
    var rows: [Row] { chosenRows ?? Row.all.filter { minutes == 0 || !$0.isOfSeries } }
    private var chosenRows: [Row]?
    /// What is done with a mount.
    var tasks = MountTask.allCases
    /// Beginnings of the names of the programs to be measured beside Cairn; nil for all.
    var peers: [String]?
    /// A folder for the report and its pictures.
    var results = Path("bench-results")
    /// A file to write all figures into; without it, one among the results.
    var chosenJSON: Path?
    var scratch: Path?
    /// How large the made sources of series are, as a multiple of their usual size.
    var scale = 1.0
    /// The command to be measured; without it, the one that lies beside this program.
    var cairn = Path(Environment.value("CAIRN_BENCH_CAIRN") ?? Path(Child.ownPath).parent.appending("cairn").string)

    struct Wrong: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads the words of a command line.
    init(_ words: some Sequence<String>) throws {
        var words = words.makeIterator()
        while let word = words.next() {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard let value = parts.count > 1 ? parts[1] : words.next() else {
                throw Wrong(description: "\(word) needs a value")
            }
            switch parts.first {
            case "--corpora": corpora = try Folder.resolved(Path(value))
            case "--rounds": rounds = try Self.number(word, value)
            case "--minutes": minutes = Double(try Self.number(word, value, from: 0))
            case "--rows":
                let named = Row.named(Self.list(value))
                chosenRows = named
                if named.isEmpty {
                    throw Wrong(description: "no row is named \(value); there are \(Row.all.map(\.id))")
                }
            case "--tasks":
                let names = Self.list(value)
                tasks = MountTask.allCases.filter { task in names.contains { task.name.hasPrefix($0) } }
                if tasks.isEmpty {
                    throw Wrong(
                        description: "no task is named \(value); there are \(MountTask.allCases.map(\.name))")
                }
            case "--peers": peers = Self.list(value)
            case "--results": results = Path(value)
            case "--json": chosenJSON = Path(value)
            case "--scratch": scratch = Path(value)
            case "--scale":
                guard let number = Double(value), number >= 0.05, number <= 10 else {
                    throw Wrong(description: "\(word): \(value) is no number from 0.05 to 10")
                }
                scale = number
            case "--cairn": cairn = try Folder.resolved(Path(value))
            default: throw Wrong(description: "unknown option \(word)")
            }
        }
    }

    var json: Path { chosenJSON ?? results.appending("report.json") }

    /// What is measured only for those who ask, in words.
    var unasked: [String] {
        if chosenRows != nil || minutes == 0 { return [] }
        return [
            "how repositories grow with many states of a source: that takes longer than \(minutes.digits(0)) minutes;"
                + " ask for it with --rows growth,restore-growth --minutes 0"
        ]
    }

    private static func list(_ value: String) -> [String] { value.split(separator: ",").map(String.init) }

    private static func number(_ word: String, _ value: String, from least: Int = 1) throws -> Int {
        guard let number = Int(value), number >= least else {
            throw Wrong(description: "\(word): \(value) is no number from \(least) on")
        }
        return number
    }
}
