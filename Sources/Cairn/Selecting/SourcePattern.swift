public import Posix

/// A pattern that names what a snapshot is taken of, as a line of `--files-from` does. It is expanded against the file system.
///
/// The pieces for names are those of `PathPattern`. But what does not begin with a slash begins in the current folder; `.` and `..` are
/// folders as ever; a leading `!` takes back what earlier patterns named. A pattern without any wildcard names its path, whether
/// that is there or not.
public struct SourcePattern: Sendable {
    private enum Part {
        case literal([UInt8])
        case glob(GlobTable.Glob)
        /// Any number of folders, also none. Links are not followed.
        case anyDepth
    }

    /// The pattern as it was given.
    public let bytes: [UInt8]
    /// Whether it takes back.
    public let takesBack: Bool
    private let table: GlobTable
    private let parts: [Part]
    private let isAnchored: Bool
    private let wantsFolder: Bool

    /// Understands a pattern.
    public init(_ bytes: [UInt8]) throws(PatternError) {
        self.bytes = bytes
        takesBack = bytes.first == UInt8(ascii: "!")
        let body = bytes.dropFirst(takesBack ? 1 : 0)
        isAnchored = body.first == Self.slash
        wantsFolder = body.last == Self.slash
        var table = GlobTable(unit: .character)
        do throws(PathPattern.Flaw) { parts = try Self.parse(body, &table) } catch {
            throw PatternError(pattern: bytes, reason: error.reason)
        }
        self.table = table
    }

    /// The patterns of a file's bytes, with the numbers of their lines; the file is read as `PatternFile` says. An error names the line.
    public static func patterns(in bytes: [UInt8]) throws(PatternError) -> [(line: Int, pattern: SourcePattern)] {
        var patterns: [(Int, SourcePattern)] = []
        for (number, line) in PatternFile.lines(of: bytes) {
            do throws(PatternError) { patterns.append((number, try SourcePattern(line))) } catch {
                throw PatternError(pattern: error.pattern, reason: error.reason, line: number)
            }
        }
        return patterns
    }

    private static func parse(
        _ body: ArraySlice<UInt8>, _ table: inout GlobTable
    ) throws(PathPattern.Flaw) -> [Part] {
        if body.isEmpty { throw PathPattern.Flaw("it is empty") }
        if body.contains(0) { throw PathPattern.Flaw("it holds a NUL byte, which no name does") }
        var parts: [Part] = []
        let names = body.split(separator: slash)
        for (index, name) in names.enumerated() {
            if name.elementsEqual("**".utf8) {
                // What lies in a folder takes with it all that is below.
                parts.append(index == names.count - 1 ? .glob(table.add([.star])) : .anyDepth)
                continue
            }
            let pieces = try NamePatternParser.parse(name)
            let letters: [UInt8] = pieces.compactMap { if case .byte(let byte) = $0 { byte } else { nil } }
            parts.append(letters.count == pieces.count ? .literal(letters) : .glob(table.add(pieces)))
        }
        return parts
    }

    private static let slash = UInt8(ascii: "/")

    /// Calls the body with each path that the pattern names now; one may come twice. What cannot be looked into goes to `failed`, and names nothing.
    /// Takes time in proportion to the folders that must be listed.
    public func expand(
        failed: (PosixError) -> Void, _ body: (Path) throws(CairnError) -> Void
    ) throws(CairnError) {
        var waiting: [(path: [UInt8], part: Int, isFound: Bool)] = [(isAnchored ? [Self.slash] : [], 0, false)]
        while var (path, index, isFound) = waiting.popLast() {
            while index < parts.count, case .literal(let name) = parts[index] {
                path = Self.join(path, name)
                index += 1
            }
            guard index < parts.count else {
                do throws(PosixError) {
                    if isFound, try !isThere(path) { continue }
                } catch {
                    failed(error)
                    continue
                }
                try body(Path(path))
                continue
            }
            let isLast = index == parts.count - 1
            isFound = true
            let entries: [Folder.Entry]
            do throws(PosixError) {
                entries = try Folder.entries(of: Path(path.isEmpty ? [UInt8(ascii: ".")] : path))
            } catch {
                if error.errno != .noSuchFile, error.errno != .notAFolder { failed(error) }
                continue
            }
            switch parts[index] {
            case .glob(let glob):
                for entry in entries where table.matches(glob, entry.name.span) && (isLast || entry.mayBeFolder) {
                    waiting.append((Self.join(path, entry.name), index + 1, true))
                }
            case .anyDepth:
                waiting.append((path, index + 1, true))
                for entry in entries where entry.isFolder(in: path) {
                    waiting.append((Self.join(path, entry.name), index, true))
                }
            case .literal: break
            }
        }
    }

    /// Whether something that was found has the rest of the pattern below it.
    private func isThere(_ path: [UInt8]) throws(PosixError) -> Bool {
        do throws(PosixError) {
            let status = try Folder.status(Path(path))
            return !wantsFolder || status.isFolder
        } catch {
            if [.noSuchFile, .notAFolder, .linksInACircle].contains(error.errno) { return false }
            throw error
        }
    }

    private static func join(_ path: [UInt8], _ name: [UInt8]) -> [UInt8] {
        path.isEmpty || path.last == slash ? path + name : path + [slash] + name
    }
}

extension Folder.Entry {
    fileprivate var mayBeFolder: Bool { isFolder || isLink || isUnknown }

    fileprivate func isFolder(in folder: [UInt8]) -> Bool {
        if !isUnknown { return isFolder }
        return (try? Folder.status(Path(folder).appending(Path(name))))?.isFolder == true
    }
}
