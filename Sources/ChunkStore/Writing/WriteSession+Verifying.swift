internal import Crypto
internal import Posix
internal import Storage

extension WriteSession {
    /// Reads every pack that this session has published back from the repository, and compares it with its name, which is the SHA-256 of
    /// its bytes. Each block was opened and decoded before it was written; this finds what the disk made of it, as far as the system can be
    /// brought to read it from there. Packs of other sessions, whose chunks this one did not store again, are not read.
    public func verifyPacks() throws(StoreError) {
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        let digest = SHA256Stream()
        for name in packs {
            let pack = repository.pack(name)
            repository.storage.forgetCached(name.path)
            var offset: UInt64 = 0
            var rest = try pack.byteCount()
            while rest > 0 {
                let count = Int(min(rest, UInt64(piece.count)))
                try piece.withUnsafeMutableBytesThrowing { buffer throws(StoreError) in
                    let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                    try pack.read(at: offset, into: part)
                    digest.update(UnsafeRawBufferPointer(part))
                }
                offset += UInt64(count)
                rest -= UInt64(count)
            }
            guard digest.finish() == name.id else {
                throw .damaged(
                    "the pack", path: pack.path, "it does not read back as it was written",
                    remedy: "the disk, or what lies on the way to it, is failing: use another one")
            }
        }
    }
}
