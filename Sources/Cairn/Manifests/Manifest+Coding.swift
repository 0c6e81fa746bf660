// The fields of a manifest: FORMAT.md, section 14. What is read is checked here, so that a `Manifest` holds nothing impossible.
internal import ChunkStore
internal import Crypto
internal import Posix

extension Manifest: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case format, time, strategy, base, previous, supersedes, tree, paths, includes, excludes, hostname, username
        case tags, labels, statistics, incomplete, errors
        case snapshotID = "snapshot_id"
        case rootHash = "root_hash"
        case pathsBase64 = "paths_base64"
        case engineVersion = "engine_version"
        case errorCount = "error_count"
        case errorList = "error_list"
    }

    /// How many items an array or map may have. What is in them is bounded by the payload of a root.
    private static let itemsMax = 65_536

    /// Reads a manifest and checks every field.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func parsed<Value>(_ key: CodingKeys, _ what: String, _ parse: (String) -> Value?) throws -> Value {
            guard let value = parse(try fields.decode(String.self, forKey: key)) else {
                throw fields.problem(key, "it is not \(what)")
            }
            return value
        }
        func optional<Value>(_ key: CodingKeys, _ what: String, _ parse: (String) -> Value?) throws -> Value? {
            guard fields.contains(key), try !fields.decodeNil(forKey: key) else { return nil }
            return try parsed(key, what, parse)
        }
        func list<Item: Decodable>(_ key: CodingKeys, _ item: Item.Type = String.self) throws -> [Item] {
            let items = try fields.decodeIfPresent([Item].self, forKey: key) ?? []
            guard items.count <= Self.itemsMax else { throw fields.problem(key, "it has too many items") }
            return items
        }
        guard try fields.decode(Int.self, forKey: .format) == Self.format else {
            throw fields.problem(.format, "it is not \(Self.format)")
        }
        snapshotID = try parsed(.snapshotID, "the id of a snapshot") { SnapshotID(hex: $0) }
        time = try parsed(.time, "a time") { SnapshotTime(rfc3339: $0) }
        strategy = try parsed(.strategy, "a strategy") { Strategy(rawValue: $0) }
        base = try optional(.base, "the id of a snapshot") { SnapshotID(hex: $0) }
        previous = try optional(.previous, "the id of a manifest") { SHA256Digest(hex: $0)?.hex }
        supersedes = try optional(.supersedes, "the id of a manifest") { SHA256Digest(hex: $0)?.hex }
        rootHash = try parsed(.rootHash, "a digest") { SHA256Digest(hex: $0) }
        tree = try parsed(.tree, "the id of a chunk") { ChunkID(hex: $0) }
        let exact: [String?] = try list(.pathsBase64, String?.self)
        paths = try list(.paths).enumerated().map { index, text in
            guard let path = WrittenPath.path(text, exact: index < exact.count ? exact[index] : nil) else {
                throw fields.problem(.paths, "item \(index) is not an absolute path")
            }
            return path
        }
        includes = try list(.includes)
        excludes = try list(.excludes)
        hostname = try fields.decodeIfPresent(String.self, forKey: .hostname) ?? ""
        username = try fields.decodeIfPresent(String.self, forKey: .username) ?? ""
        tags = Set(try list(.tags)).sorted()
        labels = try fields.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        engineVersion = try fields.decodeIfPresent(String.self, forKey: .engineVersion) ?? ""
        statistics = try fields.decodeIfPresent(Statistics.self, forKey: .statistics) ?? Statistics()
        incomplete = try fields.decodeIfPresent(Bool.self, forKey: .incomplete) ?? false
        errors = try list(.errors, SourceError.self)
        errorCount = try fields.decodeIfPresent(Int.self, forKey: .errorCount) ?? errors.count
        guard errorCount >= errors.count else { throw fields.problem(.errorCount, "it is too small") }
        errorList = try list(.errorList).map { text in
            guard let id = ChunkID(hex: text) else { throw fields.problem(.errorList, "an item is no id of a chunk") }
            return id
        }
        unknown = try UnknownFields(decoder, except: CodingKeys.allCases.map(\.rawValue))
    }

    /// Writes a manifest, with what was read and not understood.
    public func encode(to encoder: any Encoder) throws {
        try unknown.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(Self.format, forKey: .format)
        try fields.encode(snapshotID.description, forKey: .snapshotID)
        try fields.encode(time.rfc3339, forKey: .time)
        try fields.encode(strategy.rawValue, forKey: .strategy)
        // What there is none of stands there as null.
        try fields.encode(base?.description, forKey: .base)
        try fields.encode(previous, forKey: .previous)
        try fields.encode(supersedes, forKey: .supersedes)
        try fields.encode(rootHash.hex, forKey: .rootHash)
        try fields.encode(tree.description, forKey: .tree)
        let written = paths.map { WrittenPath($0) }
        try fields.encode(written.map(\.text), forKey: .paths)
        if written.contains(where: { $0.exact != nil }) {
            try fields.encode(written.map(\.exact), forKey: .pathsBase64)
        }
        try fields.encode(includes, forKey: .includes)
        try fields.encode(excludes, forKey: .excludes)
        try fields.encode(hostname, forKey: .hostname)
        try fields.encode(username, forKey: .username)
        try fields.encode(tags, forKey: .tags)
        try fields.encode(labels, forKey: .labels)
        try fields.encode(engineVersion, forKey: .engineVersion)
        try fields.encode(statistics, forKey: .statistics)
        try fields.encode(incomplete, forKey: .incomplete)
        try fields.encode(errors, forKey: .errors)
        try fields.encode(errorCount, forKey: .errorCount)
        if !errorList.isEmpty { try fields.encode(errorList.map(\.description), forKey: .errorList) }
    }
}

extension KeyedDecodingContainer {
    /// A field that is there and cannot be.
    func problem(_ key: Key, _ reason: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath + [key], debugDescription: reason))
    }
}
