import Bytes
import Crypto
import Posix

/// Seals and opens the numbered pieces of one file. In envelope 0 it only passes bytes on. Any thread may use it.
struct Sealer: Sendable {
    private let key: Secret?
    private let associated: [UInt8]

    /// For a file whose key comes from the input key of its family (the master key, or what a password became).
    init(
        _ header: Header, encodedHeader: [UInt8], clear: [UInt8] = [], repository: RepositoryID, inputKey: Secret?
    ) throws(StoreError) {
        switch header.envelope {
        case .plain: key = nil
        case .symmetric:
            guard let inputKey else { throw StoreError(.wrongKey, "a key is needed") }
            key = try encrypting { () throws(CryptoError) in
                try HKDF.sha256(
                    inputKey: inputKey, salt: header.salt, info: Array(header.family.domain.utf8), byteCount: 32)
            }
        }
        associated = repository.bytes + encodedHeader + clear
    }

    /// How much longer a piece gets when it is sealed.
    var overhead: Int { key == nil ? 0 : AESGCM.overhead }

    /// Whether lengths are to be hidden.
    var pads: Bool { key != nil }

    /// Seals a piece into memory of its length and the overhead. Both may start at the same place.
    func seal(
        _ plain: UnsafeRawBufferPointer, piece: UInt32, into sealed: UnsafeMutableRawBufferPointer
    ) throws(StoreError) {
        guard let key else {
            if plain.baseAddress != UnsafeRawPointer(sealed.baseAddress) { sealed.copyMemory(from: plain) }
            return
        }
        try withAssociatedData(piece) { data throws(CryptoError) in
            try AESGCM(key: key).seal(plain, nonce: piece, associatedData: data, into: sealed)
        }
    }

    /// Opens a piece; nil if it is not what was sealed.
    func open(
        _ sealed: UnsafeRawBufferPointer, piece: UInt32, into plain: UnsafeMutableRawBufferPointer
    ) throws(StoreError) -> Bool {
        guard let key else {
            plain.copyMemory(from: sealed)
            return true
        }
        do throws(CryptoError) {
            try withAssociatedDataThrowing(piece) { data throws(CryptoError) in
                try AESGCM(key: key).open(sealed, nonce: piece, associatedData: data, into: plain)
            }
            return true
        } catch {
            if error == .authenticationFailed { return false }
            throw StoreError(error)
        }
    }

    /// Seals a small piece.
    func seal(_ plain: [UInt8], piece: UInt32) throws(StoreError) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: plain.count + overhead)
        try sealed.withUnsafeMutableBytesThrowing { output throws(StoreError) in
            try plain.withUnsafeBytesThrowing { input throws(StoreError) in try seal(input, piece: piece, into: output)
            }
        }
        return sealed
    }

    /// Opens a small piece; nil if it is not what was sealed.
    func open(_ sealed: [UInt8], piece: UInt32) throws(StoreError) -> [UInt8]? {
        guard sealed.count >= overhead else { return nil }
        var plain = [UInt8](repeating: 0, count: sealed.count - overhead)
        let isGenuine = try plain.withUnsafeMutableBytesThrowing { output throws(StoreError) in
            try sealed.withUnsafeBytesThrowing { input throws(StoreError) in try open(input, piece: piece, into: output)
            }
        }
        return isGenuine ? plain : nil
    }

    private func withAssociatedData(
        _ piece: UInt32, _ body: (UnsafeRawBufferPointer) throws(CryptoError) -> Void
    ) throws(StoreError) {
        try encrypting { () throws(CryptoError) in try withAssociatedDataThrowing(piece, body) }
    }

    private func withAssociatedDataThrowing(
        _ piece: UInt32, _ body: (UnsafeRawBufferPointer) throws(CryptoError) -> Void
    ) throws(CryptoError) {
        let data = associated + withUnsafeBytes(of: piece.littleEndian) { Array($0) }
        try data.withUnsafeBytesThrowing(body)
    }
}
