internal import CCrypto
internal import Glibc

/// Random bytes from the kernel, fit for keys, salts and names.
public enum RandomBytes {
    /// Fills `buffer`. The corresponding C function is `getrandom`.
    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        var rest = buffer[...]
        while !rest.isEmpty {
            let part = UnsafeMutableRawBufferPointer(rebasing: rest)
            let written = getrandom(part.baseAddress, part.count, 0)
            if written < 0 {
                guard errno == EINTR else { throw .library("getrandom failed with error \(errno)") }
            } else {
                rest = rest.dropFirst(written)
            }
        }
    }

    /// `count` random bytes in a new array. `count` must not be negative.
    public static func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: CryptoError?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(CryptoError) { try fill(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }
}
