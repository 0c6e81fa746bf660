import Bytes
import Crypto
import Storage

//  header 48 │ block 0 │ block 1 │ … │ filler │ directory │ trailer 40

/// Reads one pack: its directory and its blocks.
struct PackFile: Sendable {
    let name: PackName
    let storage: any Storage
    let repository: RepositoryID
    let mode: EncryptionMode
    let masterKey: Secret?

    /// Where it lies; of one that is gone, where it should. Looks there, so it is for messages.
    var path: String {
        let isMoved = !isThere(name.path) && isThere(name.condemnedPath)
        return "\(storage.location)/\(isMoved ? name.condemnedPath : name.path)"
    }

    private func isThere(_ place: String) -> Bool { (try? storage.size(of: place)) != nil }

    /// Reads and proves header and trailer, and opens the directory.
    func directory(packBytes: UInt64) throws(StoreError) -> PackDirectory {
        guard packBytes <= Limits.packBytes, packBytes >= UInt64(Header.byteCount + PackTrailer.byteCount) else {
            throw .damaged("the pack", path: path, "it has \(packBytes) bytes")
        }
        let encodedHeader = try read(at: 0, count: Header.byteCount)
        let header = try header(encodedHeader)
        let trailerOffset = packBytes - UInt64(PackTrailer.byteCount)
        let trailerBytes = try read(at: trailerOffset, count: PackTrailer.byteCount)
        let trailer: PackTrailer
        do throws(MalformedBytes) { trailer = try PackTrailer(trailerBytes, packBytes: packBytes) } catch {
            throw .damaged("the pack", path: path, error)
        }
        let stored = try read(at: trailer.directoryOffset, count: Int(trailer.directoryBytes))
        guard trailer.fits(trailerBytes, header: encodedHeader, directory: stored) else {
            throw .damaged("the pack", path: path, "the checksum of its directory does not fit")
        }
        let sealer = try sealer(header, encoded: encodedHeader)
        guard let plain = try sealer.open(stored, piece: PackDirectory.piece) else {
            throw .damaged("the pack", path: path, "its directory was not sealed with this repository's key")
        }
        let directory: PackDirectory
        do throws(MalformedBytes) { directory = try PackDirectory(plain) } catch {
            throw .damaged("the pack", path: path, error)
        }
        guard UInt64(Header.byteCount) + directory.storedBytes <= trailer.directoryOffset else {
            throw .damaged("the pack", path: path, "its blocks are longer than it is")
        }
        guard name.folder == .trees || directory.blocks.allSatisfy({ $0.kind == .data }) else {
            throw .damaged("the pack", path: path, "it lies among the data packs and holds trees")
        }
        return directory
    }

    /// What opens this pack's blocks.
    func sealer() throws(StoreError) -> Sealer {
        let encoded = try read(at: 0, count: Header.byteCount)
        return try sealer(header(encoded), encoded: encoded)
    }

    /// The file's length.
    func byteCount() throws(StoreError) -> UInt64 {
        try whereItLies { path throws(StorageError) in try storage.size(of: path) }
    }

    /// Reads a stretch of the file.
    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
        try whereItLies { path throws(StorageError) in try storage.read(path, at: offset, into: buffer) }
    }

    private func read(at offset: UInt64, count: Int) throws(StoreError) -> [UInt8] {
        try whereItLies { path throws(StorageError) in try storage.read(path, at: offset, count: count) }
    }

    /// A pack that a prune condemns lies elsewhere until it is gone, and may come back from there.
    private func whereItLies<Result>(_ body: (String) throws(StorageError) -> Result) throws(StoreError) -> Result {
        for place in [name.path, name.condemnedPath] {
            do throws(StorageError) { return try body(place) } catch {
                if error.code != .notFound { throw StoreError(error) }
            }
        }
        return try storing { () throws(StorageError) in try body(name.path) }
    }

    private func header(_ bytes: [UInt8]) throws(StoreError) -> Header {
        var reader = ByteReader(bytes)
        let header: Header
        do throws(StoreError) { header = try Header.read(.pack, from: &reader, path: name.path) } catch {
            throw StoreError(error.code, error.message, path: path, remedy: error.remedy)
        }
        guard header.envelope == mode.envelope else {
            throw .damaged("the pack", path: path, "it is not sealed as this repository's packs are")
        }
        guard header.kind == name.folder.rawValue else {
            throw .damaged("the pack", path: path, "it lies in the wrong folder")
        }
        return header
    }

    private func sealer(_ header: Header, encoded: [UInt8]) throws(StoreError) -> Sealer {
        try Sealer(header, encodedHeader: encoded, repository: repository, inputKey: masterKey)
    }
}
