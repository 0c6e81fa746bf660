import Posix

/// The series of the chosen rows, as far as this machine can make them.
struct FoundSeries {
    private(set) var series: [any Series] = []
    /// Rows that are left out, each with the reason.
    private(set) var absent: [String] = []

    init(_ options: EndToEndOptions, scratch: Path) throws {
        let scratch = try Folder.resolved(scratch)
        for row in options.rows where row.isOfSeries {
            // Two rows are of the releases.
            if row.step == .latest, series.contains(where: { $0.name == .releases }) { continue }
            do {
                let found = try Self.series(row, options, scratch)
                guard try Folder.freeBytes(scratch) > UInt64(found.spaceNeeded) else {
                    throw Absent(description: "\(scratch) has not \(found.spaceNeeded.grouped) bytes free")
                }
                series.append(found)
            } catch let reason as Absent {
                absent.append("\(row.id): \(reason)")
            }
        }
    }

    private struct Absent: Error, CustomStringConvertible {
        let description: String
    }

    private static func series(_ row: Row, _ options: EndToEndOptions, _ scratch: Path) throws -> any Series {
        switch row.corpus {
        case .database: return DatabaseSeries(scratch: scratch, scale: options.scale)
        case .log: return LogSeries(scratch: scratch, scale: options.scale)
        case .image:
            let corpora = try [.usr, .toolchain].compactMap {
                try Corpus.found($0, in: options.corpora, scratch: scratch)
            }
            if corpora.isEmpty { throw Absent(description: "neither usr nor toolchain is here to fill it with") }
            guard let tools = FileSystemImage.Tools.found else {
                throw Absent(description: "mke2fs and debugfs are not both here (e2fsprogs)")
            }
            return ImageSeries(tools: tools, sources: corpora.map(\.sources), scratch: scratch, scale: options.scale)
        default:
            guard let series = ReleaseSeries(in: options.corpora, scratch: scratch) else {
                throw Absent(description: "there are no releases among the corpora")
            }
            return series
        }
    }
}
