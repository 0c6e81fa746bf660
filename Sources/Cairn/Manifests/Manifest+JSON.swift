internal import FoundationEssentials
public import Posix

extension Manifest {
    /// The manifest as it stands in a root: JSON with sorted keys. Throws where it exceeds what a reader takes.
    public func json() throws(CairnError) -> [UInt8] {
        guard errors.count <= Self.errorsMax, errorCount >= errors.count else {
            throw CairnError(.usage, "a manifest holds the first \(Self.errorsMax) errors and counts all of them")
        }
        if let path = paths.first(where: { !$0.isAbsolute }) {
            throw CairnError(.usage, "the paths of a manifest are absolute", path: path)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(self)) } catch {
            throw CairnError(.usage, "the manifest cannot be written: \(error)")
        }
    }

    /// Reads the JSON of a manifest that lies at this path. Anything else throws ``CairnError/Code/damaged``.
    public init(json: [UInt8], path: Path) throws(CairnError) {
        do { self = try JSONDecoder().decode(Manifest.self, from: Data(json)) } catch {
            if let format = try? JSONDecoder().decode(Format.self, from: Data(json)).format, format > Self.format {
                throw CairnError(
                    .unsupported, "the manifest has format \(format), which this version does not know", path: path,
                    remedy: "use a newer version of the program")
            }
            throw CairnError(.damaged, "the manifest is damaged: \(Self.reason(error))", path: path)
        }
    }

    private struct Format: Decodable {
        let format: Int
    }

    /// What the decoder complains about, as the end of a sentence. Nothing of what it read is repeated.
    private static func reason(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty ? "its JSON" : "its field \"\(path.map(\.stringValue).joined(separator: "."))\""
        }
        guard let error = error as? DecodingError else { return "its JSON cannot be read" }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context): return "\(place(context.codingPath)) is of a wrong kind"
        case .valueNotFound(_, let context): return "\(place(context.codingPath)) is null"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "its JSON cannot be read" : "\(place(context.codingPath)): \(context.debugDescription)"
        @unknown default: return "its JSON cannot be read"
        }
    }
}
