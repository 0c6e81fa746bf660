internal import Cairn
internal import CommandLine
internal import Posix

extension ValueParser where Value == PathPattern {
    /// A pattern for paths.
    static var pattern: ValueParser {
        ValueParser("PATTERN") { argument throws(ValueProblem) in
            do throws(PatternError) { return try PathPattern(argument.bytes) } catch {
                throw ValueProblem("as a pattern, \(error.reason)")
            }
        }
    }
}

extension [PathPattern] {
    /// At most this much of a file is read.
    private static let fileBytesMax = 64 << 20

    /// The patterns of a file, one a line.
    static func read(_ file: Path) throws -> [PathPattern] {
        let bytes: [UInt8]
        do throws(PosixError) { bytes = try SmallFile.read(file, limit: fileBytesMax) } catch {
            throw CommandFailure(error, "cannot read the patterns in", kind: "pattern_file")
        }
        do throws(PatternError) { return try PatternFile.patterns(in: bytes) } catch {
            throw UsageError("\(file.printable), \(PrintableText.safe("\(error)"))")
        }
    }
}
