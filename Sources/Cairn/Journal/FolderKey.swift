import Crypto

//  path │ or, where that would be too long:  path of a folder above │ / │ 0 │ digest 32

/// What the journal keeps a folder under: its absolute path, or, where that is long, the path of a folder above it and a digest of the names
/// from there down. So what is kept of a deep tree grows with its depth, and not with the square of it. A key also stands for a file that is in
/// a folder.
///
/// The keys of all that lies below a folder begin with the folder's key and a slash, unless that key has a digest.
struct FolderKey: Sendable {
    /// Longer paths are not kept.
    static let pathBytesMax = 1_024
    private static let slash = UInt8(ascii: "/")

    /// The root of the file system.
    static let root = FolderKey(bytes: [slash], hasDigest: false)

    let bytes: [UInt8]
    /// Whether there is a digest, so that the bytes are not the path.
    let hasDigest: Bool

    private init(bytes: [UInt8], hasDigest: Bool) {
        self.bytes = bytes
        self.hasDigest = hasDigest
    }

    /// A key whose bytes were kept, and which has a digest.
    init(withDigest bytes: [UInt8]) { self.init(bytes: bytes, hasDigest: true) }

    /// The key of a name in the folder.
    func child(_ name: [UInt8]) -> FolderKey {
        if hasDigest {
            let above = bytes.count - SHA256Digest.byteCount
            return below(bytes[..<above], SHA256.digest(bytes[above...] + name))
        }
        let isRoot = bytes.last == Self.slash
        let folder = isRoot ? bytes : bytes + [Self.slash]
        if folder.count + name.count <= Self.pathBytesMax {
            return FolderKey(bytes: folder + name, hasDigest: false)
        }
        // No name begins with NUL.
        return below(folder + [0], SHA256.digest(name))
    }

    private func below(_ above: some Sequence<UInt8>, _ digest: SHA256Digest) -> FolderKey {
        FolderKey(bytes: above + digest.bytes, hasDigest: true)
    }
}
