import Bytes
import Crypto

//  X:  header 48 │ C (4) │ S (4) │ clear C │ body S │ SHA-256 of all before (32) │ zeros up to 4,096·n
//  file:  X │ X

/// A small file that carries everything twice: config, keys, manifests.
struct Record: Sendable {
    static let sectorBytes = 4_096

    let header: Header
    let encodedHeader: [UInt8]
    let clear: [UInt8]
    /// The sealed piece, as it is stored.
    let body: [UInt8]

    /// What was found when a record was read.
    struct Finding: Sendable {
        let record: Record
        /// Whether one of the two copies is damaged.
        let isHalfDamaged: Bool
    }

    /// Seals a content into a new record.
    init(
        _ header: Header, clear: [UInt8], content: [UInt8], repository: RepositoryID, inputKey: Secret?
    ) throws(StoreError) {
        self.header = header
        self.clear = clear
        encodedHeader = header.encoded
        let sealer = try Sealer(
            header, encodedHeader: encodedHeader, clear: clear, repository: repository, inputKey: inputKey)
        var wrapped = ByteWriter(capacity: content.count + 64)
        wrapped.append(UInt32(content.count))
        wrapped.append(bytes: content)
        if sealer.pads { wrapped.append(zeros: padme(wrapped.bytes.count) - wrapped.bytes.count) }
        body = try sealer.seal(wrapped.bytes, piece: 0)
        assert(clear.count <= Limits.recordClearBytes && body.count <= Limits.recordBodyBytes)
    }

    /// Opens the body; nil if the key does not fit or the bytes are not what was sealed.
    func content(repository: RepositoryID, inputKey: Secret?) throws(StoreError) -> [UInt8]? {
        let sealer = try Sealer(
            header, encodedHeader: encodedHeader, clear: clear, repository: repository, inputKey: inputKey)
        guard let wrapped = try sealer.open(body, piece: 0) else { return nil }
        var reader = ByteReader(wrapped)
        guard let count = try? reader.uint32(), let content = try? reader.bytes(Int(count)) else { return nil }
        return content
    }

    /// One copy, without the zeros that fill its last sector.
    var encodedOnce: [UInt8] {
        var writer = ByteWriter(capacity: body.count + Self.sectorBytes)
        writer.append(bytes: encodedHeader)
        writer.append(UInt32(clear.count))
        writer.append(UInt32(body.count))
        writer.append(bytes: clear)
        writer.append(bytes: body)
        writer.append(bytes: SHA256.digest(writer.bytes).bytes)
        return writer.bytes
    }

    /// The whole file.
    var encoded: [UInt8] {
        let once = encodedOnce
        let sectors = (once.count + Self.sectorBytes - 1) / Self.sectorBytes
        let padded = once + [UInt8](repeating: 0, count: sectors * Self.sectorBytes - once.count)
        return padded + padded
    }

    /// Reads a file of two copies and takes the first that is whole.
    static func decode(_ family: Header.Family, _ file: [UInt8], path: String) throws(StoreError) -> Finding {
        let half = file.count / 2
        let second = half.isMultiple(of: sectorBytes) && half > 0 ? Array(file[half...]) : nil
        do throws(StoreError) {
            let first = try Record(family, copy: file, path: path)
            let again = second.flatMap { try? Record(family, copy: $0, path: path) }
            return Finding(record: first, isHalfDamaged: again?.body != first.body)
        } catch {
            // One flipped bit can look like a newer version: only if no copy proves itself does the first one's error count. A
            // newer version in either is then no damage.
            guard let second else { throw error }
            do throws(StoreError) {
                return Finding(record: try Record(family, copy: second, path: path), isHalfDamaged: true)
            } catch let other {
                throw other.code == .unsupported && error.code != .unsupported ? other : error
            }
        }
    }

    /// Reads one copy from the front of the bytes.
    init(_ family: Header.Family, copy bytes: [UInt8], path: String) throws(StoreError) {
        var reader = ByteReader(bytes)
        header = try Header.read(family, from: &reader, path: path)
        encodedHeader = Array(bytes[..<Header.byteCount])
        do throws(MalformedBytes) {
            let clearCount = Int(try reader.uint32())
            let bodyCount = Int(try reader.uint32())
            try reader.expect(clearCount <= Limits.recordClearBytes, "a clear part of \(clearCount) bytes")
            try reader.expect(bodyCount <= Limits.recordBodyBytes, "a body of \(bodyCount) bytes")
            clear = try reader.bytes(clearCount)
            body = try reader.bytes(bodyCount)
            let end = reader.offset
            let checksum = try reader.bytes(32)
            try reader.expect(SHA256.digest(Array(bytes[..<end])).bytes == checksum, "its checksum does not fit")
        } catch { throw .damaged(family.noun, path: path, error) }
    }
}

extension StoreError {
    static func unsupported(_ what: String, path: String) -> StoreError {
        StoreError(
            .unsupported, "this was written with \(what), which this program does not know", path: path,
            remedy: "use a newer version of the program")
    }
}
