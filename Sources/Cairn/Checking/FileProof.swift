import Bytes
import ChunkStore
import Crypto

/// Whether the entry of a file can be true, as far as that shows without reading the file's bytes. What cannot be read throws.
struct FileProof {
    private let ledger: CheckLedger
    private let reader: TreeReader

    /// `ledger` knows which chunks have other lengths than what names them says.
    init(_ ledger: CheckLedger, _ reader: TreeReader) {
        self.ledger = ledger
        self.reader = reader
    }

    /// The first chunk of a file that has another length than the entry says, and that length.
    func misnamed(in file: TreeEntry) throws(CairnError) -> (chunk: ChunkReference, stored: Int)? {
        guard ledger.hasMisnamed, case .file(_, let content, _, _) = file.node else { return nil }
        return try misnamed(in: content)
    }

    private func misnamed(in content: Content) throws(CairnError) -> (chunk: ChunkReference, stored: Int)? {
        var cursor = reader.chunks(of: content)
        while let chunk = try cursor.next() {
            if let stored = try ledger.storedLength(ofMisnamed: chunk) { return (chunk, stored) }
        }
        return nil
    }

    /// Whether the file has no holes, or a list of some that lie in it.
    func areHolesProven(of file: TreeEntry) throws(CairnError) -> Bool {
        guard case .file(let size, _, _, let holes) = file.node, holes != .empty else { return true }
        if ledger.hasMisnamed, try misnamed(in: holes) != nil { return false }
        var proof = HoleProof(size: size)
        try reader.forEachPiece(of: holes) { proof.add($0) }
        return proof.isProven
    }
}

extension CheckLedger {
    /// Under what a directory is remembered: its content and its digest are all that its proof depends on.
    static func key(ofDirectory content: Content, _ digest: SHA256Digest) -> [UInt8] {
        var writer = ByteWriter()
        content.encode(into: &writer)
        writer.append(digest)
        return SHA256.digest(writer.bytes).bytes
    }
}
