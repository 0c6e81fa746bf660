import ChildProcess
import TestSupport

/// What the reader found of a chunk in a pack.
public struct ListedChunk: Hashable, Comparable, Sendable {
    /// Hexadecimal.
    public let id: String
    /// `data` or `tree`.
    public let kind: String
    /// In bytes.
    public let length: Int
    /// The pack's file.
    public let pack: String
    /// The number of its block in the pack.
    public let block: Int
    /// The block's codec.
    public let codec: Int

    /// By id, then by kind, then by place.
    public static func < (left: ListedChunk, right: ListedChunk) -> Bool {
        (left.id, left.kind, left.pack, left.block) < (right.id, right.kind, right.pack, right.block)
    }
}

/// A chunk that the reader would cut a file into.
public struct ListedCut: Hashable, Sendable {
    /// Where it begins.
    public let offset: Int
    /// In bytes.
    public let length: Int
    /// Hexadecimal.
    public let id: String

    /// A cut as it is expected.
    public init(offset: Int, length: Int, id: String) {
        self.offset = offset
        self.length = length
        self.id = id
    }
}

/// The reader found damage, or did not run.
public struct ReaderFailure: Error, CustomStringConvertible {
    /// What it wrote to standard error.
    public let description: String
}

extension IndependentReader {
    private func lines(_ command: String, _ words: String? = nil) throws -> [Substring] {
        let outcome = try words.map { try run(command, $0) } ?? run(command)
        guard outcome.code == 0, outcome.errors.isEmpty else {
            throw ReaderFailure(description: "exit code \(outcome.code)\n" + outcome.errorText)
        }
        return outcome.outputText.split(separator: "\n")
    }

    /// Every chunk's bytes by id. All packs, blocks, chunks and references are verified on the way.
    public func chunks() throws -> [String: [UInt8]] {
        let folder = try TemporaryFolder()
        let outcome = try run("chunks", "--out", folder.name("out"))
        guard outcome.code == 0, outcome.errors.isEmpty else {
            throw ReaderFailure(description: "exit code \(outcome.code)\n" + outcome.errorText)
        }
        var chunks: [String: [UInt8]] = [:]
        for name in try folder.files(below: "out") { chunks[String(name.dropFirst(4))] = try folder.read(name) }
        return chunks
    }

    /// Every chunk of every pack, sorted.
    public func list() throws -> [ListedChunk] {
        var chunks: [ListedChunk] = []
        var pack = ""
        var block = (number: 0, kind: "", codec: 0)
        for line in try lines("list") {
            let words = line.split { $0 == " " || $0 == "," || $0 == ":" }.map(String.init)
            switch words.first {
            case "pack": pack = words[1]
            case "block": block = (Int(words[1]) ?? -1, words[4], Int(words[6]) ?? -1)
            case "chunk":
                chunks.append(
                    ListedChunk(
                        id: words[1], kind: block.kind, length: Int(words[2]) ?? -1, pack: pack, block: block.number,
                        codec: block.codec))
            default: break
            }
        }
        return chunks.sorted()
    }

    /// A root in the reader's own words, to compare `roots()` with. References are a kind, a space and an id.
    public static func lines(id: String, name: [UInt8], written: Int64, references: [String], payload: [UInt8])
        -> [String]
    {
        ["manifests/\(id)", "  name \(printable(name))", "  written \(written)"] + references.map { "  " + $0 }
            + ["  payload \(printable(payload))"]
    }

    private static func printable(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            if byte >= 0x20 && byte < 0x7F && byte != 0x25 { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (byte < 16 ? "0" : "") + digits
        }.joined()
    }

    /// All roots, oldest first, in the reader's own words.
    public func roots() throws -> [String] { try lines("roots").map(String.init) }

    /// Where the reader would cut a file.
    public func cuts(of file: String) throws -> [ListedCut] {
        try lines("cut", file).map { line in
            let words = line.split(separator: " ")
            return ListedCut(offset: Int(words[0]) ?? -1, length: Int(words[1]) ?? -1, id: String(words[2]))
        }
    }
}
