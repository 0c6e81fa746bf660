internal import Bytes
internal import Crypto

/// What a root points to.
public struct RootReference: Hashable, Sendable {
    /// What the chunk is for.
    public let kind: ChunkKind
    /// The chunk.
    public let id: ChunkID

    /// Refers to a chunk.
    public init(kind: ChunkKind, id: ChunkID) {
        self.kind = kind
        self.id = id
    }
}

/// The content of a file in `manifests/`.
struct RootContent: Hashable, Sendable {
    static let layout: UInt8 = 1

    let name: [UInt8]
    let written: Int64
    let references: [RootReference]
    let payload: [UInt8]

    init(name: [UInt8], written: Int64, references: [RootReference], payload: [UInt8]) {
        self.name = name
        self.written = written
        self.references = references
        self.payload = payload
    }

    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: payload.count + name.count + 33 * references.count + 32)
        writer.append(Self.layout)
        writer.append(written)
        writer.append(UInt16(name.count))
        writer.append(bytes: name)
        writer.append(UInt32(references.count))
        for reference in references {
            writer.append(reference.kind.rawValue)
            writer.append(bytes: reference.id.digest.bytes)
        }
        writer.append(UInt32(payload.count))
        writer.append(bytes: payload)
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(MalformedBytes) {
        var reader = ByteReader(bytes)
        let layout = try reader.uint8()
        try reader.expect(layout == Self.layout, "layout \(layout) of a root")
        written = try reader.int64()
        let nameCount = Int(try reader.uint16())
        try reader.expect((1...Limits.rootNameBytes).contains(nameCount), "a root's name of \(nameCount) bytes")
        name = try reader.bytes(nameCount)
        let referenceCount = Int(try reader.uint32())
        try reader.expect(referenceCount <= Limits.rootReferences, "\(referenceCount) references")
        var references: [RootReference] = []
        for _ in 0..<referenceCount {
            let kind = ChunkKind(rawValue: try reader.uint8())
            let id = try reader.chunkID()
            guard let kind else { throw reader.malformed("an unknown kind of chunk") }
            references.append(RootReference(kind: kind, id: id))
        }
        self.references = references
        let payloadCount = Int(try reader.uint32())
        try reader.expect(payloadCount <= Limits.rootPayloadBytes, "a payload of \(payloadCount) bytes")
        payload = try reader.bytes(payloadCount)
    }
}
