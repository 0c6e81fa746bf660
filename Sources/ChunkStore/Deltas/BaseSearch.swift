import Bytes
import Posix
import SQLite

/// A chunk that is stored whole, and may be part of a delta block's prefix.
struct Base: Hashable, Sendable {
    let id: ChunkID
    let place: ChunkPlace
}

/// Finds, for new chunks whose parents are known, the stored chunks that share most with them. Only whole copies count: where a parent is itself
/// stored as a difference, what that was made from takes its place. One thread at a time.
final class BaseSearch {
    /// At most so many bases are named for one chunk.
    private static let basesMax = 4
    /// A base shares at least this part of what can be compared.
    private static let shareMin = 1.0 / 16
    private static let sketchesMax = 4_096
    private static let heirloomsMax = 256

    private let catalog: Catalog
    private let reader: ChunkReader
    /// Sketches of stored chunks; when there are too many, all are forgotten.
    private var sketches: [ChunkID: Sketch] = [:]
    /// What the bases of delta blocks are.
    private var heirlooms: [BlockKey: [Base]] = [:]

    init(catalog: Catalog, reader: ChunkReader) {
        self.catalog = catalog
        self.reader = reader
    }

    /// What may serve as bases for a chunk with these parents. Nothing is read for it but the catalog.
    func candidates(_ kind: ChunkKind, parents: [ChunkID]) -> [Base] {
        // Whatever hinders finding a base costs space, and nothing else.
        (try? stored(parents, kind)) ?? []
    }

    /// Of the candidates those that share most with a chunk, in the order in which they lie; none where none is like it. Reads them: whoever asks for many
    /// chunks asks in the order in which their candidates lie.
    func bases(for bytes: UnsafeRawBufferPointer, among candidates: [Base]) -> [Base] {
        var rest = Sketch(of: bytes).whole
        var chosen: [Base] = []
        var left = candidates.compactMap { base in sketch(of: base).map { (base, $0) } }
        while chosen.count < Self.basesMax {
            let scores = left.map { $0.1.common(with: rest) }
            guard let best = scores.indices.max(by: { scores[$0].count < scores[$1].count }), scores[best].count > 0,
                Double(scores[best].count) >= Self.shareMin * Double(scores[best].of)
            else { break }
            let (base, sketch) = left.remove(at: best)
            sketch.take(outOf: &rest)
            chosen.append(base)
        }
        return chosen.sorted { $0.place < $1.place }
    }

    /// A base's bytes, if they are what its id promises: what is made from others could never be read again. So they are hashed now, whatever was
    /// found out about the cached block before.
    func withBytes<Result>(of base: Base, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        guard let plain = try? reader.block(base.place.key, ahead: true),
            let range = base.place.range(inBlockOf: plain.count)
        else { return nil }
        return withExtendedLifetime(plain) {
            let bytes = plain.bytes(range)
            return ChunkID(of: bytes) == base.id ? body(bytes) : nil
        }
    }

    private func stored(_ parents: [ChunkID], _ kind: ChunkKind) throws(StoreError) -> [Base] {
        var found: [Base] = []
        for parent in parents {
            let copies = try catalog.read { (connection) throws(SQLiteError) in try connection.copies(of: parent) }
                .filter { $0.kind == kind && !$0.isCondemned }
            if let whole = copies.last(where: { !$0.isDelta }) {
                found.append(Base(id: parent, place: whole.place))
            } else if let delta = copies.last {
                found += try heirloom(delta.place.key, kind)
            }
        }
        var seen: Set<ChunkID> = []
        return found.filter { seen.insert($0.id).inserted }
    }

    /// The bases of a delta block, as far as they are there.
    private func heirloom(_ key: BlockKey, _ kind: ChunkKind) throws(StoreError) -> [Base] {
        if let known = heirlooms[key] { return known }
        let bases = try catalog.read { (connection) throws(SQLiteError) in
            var bases: [Base] = []
            for id in try connection.block(key.block, of: key.pack)?.bases ?? [] {
                let whole = try connection.copies(of: id).last { !$0.isDelta && !$0.isCondemned && $0.kind == kind }
                if let whole { bases.append(Base(id: id, place: whole.place)) }
            }
            return bases
        }
        if heirlooms.count >= Self.heirloomsMax { heirlooms.removeAll() }
        heirlooms[key] = bases
        return bases
    }

    private func sketch(of base: Base) -> Sketch? {
        if let known = sketches[base.id] { return known }
        guard let plain = try? reader.block(base.place.key, ahead: true),
            let range = base.place.range(inBlockOf: plain.count)
        else { return nil }
        let sketch = withExtendedLifetime(plain) { Sketch(of: plain.bytes(range)) }
        if sketches.count >= Self.sketchesMax { sketches.removeAll(keepingCapacity: true) }
        sketches[base.id] = sketch
        return sketch
    }
}
