import Crypto
import Testing

private let zeroKey = secret([UInt8](repeating: 0, count: 32))
private let message = Array("sixteen bytes, and then some more".utf8)
private let label = Array("a label".utf8)

func secret(_ bytes: [UInt8]) -> Secret {
    bytes.withUnsafeBytes { Secret(copying: $0) }
}

private func seal(
    _ cipher: AESGCM, _ plain: [UInt8], nonce: UInt32, label: [UInt8] = []
) throws(CryptoError) -> [UInt8] {
    var sealed = [UInt8](repeating: 0xee, count: plain.count + AESGCM.overhead)
    let result = sealed.withUnsafeMutableBytes { sealed in
        plain.withUnsafeBytes { plain in
            label.withUnsafeBytes { label in
                Result { () throws(CryptoError) in
                    try cipher.seal(plain, nonce: nonce, associatedData: label, into: sealed)
                }
            }
        }
    }
    try result.get()
    return sealed
}

/// What `open` left behind in its output, and how it ended.
private func open(
    _ cipher: AESGCM, _ sealed: [UInt8], nonce: UInt32, label: [UInt8] = []
) -> (plain: [UInt8], error: CryptoError?) {
    var plain = [UInt8](repeating: 0xee, count: sealed.count - AESGCM.overhead)
    let result = plain.withUnsafeMutableBytes { plain in
        sealed.withUnsafeBytes { sealed in
            label.withUnsafeBytes { label in
                Result { () throws(CryptoError) in
                    try cipher.open(sealed, nonce: nonce, associatedData: label, into: plain)
                }
            }
        }
    }
    if case .failure(let error) = result { return (plain, error) }
    return (plain, nil)
}

@Suite struct AESGCMTests {
    @Test("the vectors for a 256-bit key come out (McGrew and Viega, test cases 13 and 14)")
    func knownAnswers() throws {
        let cipher = try AESGCM(key: zeroKey)
        #expect(try seal(cipher, [], nonce: 0) == bytes("530f8afbc74536b9a963b4f1c4cb738b"))
        #expect(
            try seal(cipher, [UInt8](repeating: 0, count: 16), nonce: 0)
                == bytes("cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919"))
    }

    /// Key, text and label of test case 16; the expected bytes were computed by a second implementation that also
    /// reproduces test case 16 itself.
    @Test("the nonce is eight zero bytes and the number in big-endian order, and the label is covered")
    func nonceLayout() throws {
        let cipher = try AESGCM(
            key: secret(bytes("feffe9928665731c6d6a8f9467308308 feffe9928665731c6d6a8f9467308308")))
        let plain = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
        let label = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        #expect(
            try seal(cipher, plain, nonce: 0x0102_0304, label: label)
                == bytes(
                    "3fdbf77ea99c633b710087f04328de94cd291f7cc81c8f56f4d3f06b1af62750"
                        + "9bfbc94d2216f714b866e79fcb755c6109f4e2f4ff414946ea5f96a8"
                        + "880840cbfec856fca3c457a3d24df185"))
    }

    @Test("what was sealed opens again, at any length", arguments: [0, 1, 15, 16, 17, 4096, 1_000_003])
    func roundTrip(count: Int) throws {
        let cipher = try AESGCM(key: zeroKey)
        let plain = try RandomBytes.bytes(count)
        for nonce: UInt32 in [0, 1, .max] {
            let sealed = try seal(cipher, plain, nonce: nonce, label: label)
            let opened = open(cipher, sealed, nonce: nonce, label: label)
            #expect(opened.plain == plain && opened.error == nil)
        }
    }

    @Test("sealing and opening work in place")
    func inPlace() throws {
        let cipher = try AESGCM(key: zeroKey)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        var buffer = message + [UInt8](repeating: 0, count: AESGCM.overhead)
        try buffer.withUnsafeMutableBytes { whole in
            let text = UnsafeMutableRawBufferPointer(rebasing: whole[..<message.count])
            try cipher.seal(UnsafeRawBufferPointer(text), nonce: 3, associatedData: none, into: whole)
            #expect(Array(whole) == (try seal(cipher, message, nonce: 3)))
            try cipher.open(UnsafeRawBufferPointer(whole), nonce: 3, associatedData: none, into: text)
            #expect(Array(text) == message)
        }
    }

    @Test("any flipped bit of text, tag or label is found, the output is zero, and the cipher works on")
    func tampering() throws {
        let cipher = try AESGCM(key: zeroKey)
        let sealed = try seal(cipher, message, nonce: 9, label: label)
        let zeros = [UInt8](repeating: 0, count: message.count)
        for index in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[index] ^= 1 << bit
                let opened = open(cipher, changed, nonce: 9, label: label)
                #expect(opened.error == .authenticationFailed && opened.plain == zeros)
            }
        }
        for index in label.indices {
            var changed = label
            changed[index] ^= 0x10
            #expect(open(cipher, sealed, nonce: 9, label: changed).error == .authenticationFailed)
        }
        #expect(open(cipher, sealed, nonce: 9, label: []).error == .authenticationFailed)
        #expect(open(cipher, sealed, nonce: 9, label: label).plain == message)
    }

    @Test("another nonce or another key does not open")
    func wrongNonceOrKey() throws {
        let cipher = try AESGCM(key: zeroKey)
        let sealed = try seal(cipher, message, nonce: 9, label: label)
        for bit in 0..<32 {
            #expect(open(cipher, sealed, nonce: 9 ^ (1 << bit), label: label).error == .authenticationFailed)
        }
        let other = try AESGCM(key: Secret.random(byteCount: 32))
        #expect(open(other, sealed, nonce: 9, label: label).error == .authenticationFailed)
    }

    @Test("a sealed message cut short at any byte does not open")
    func truncation() throws {
        let cipher = try AESGCM(key: zeroKey)
        let sealed = try seal(cipher, message, nonce: 1)
        for count in AESGCM.overhead..<sealed.count {
            #expect(open(cipher, Array(sealed[..<count]), nonce: 1).error == .authenticationFailed)
        }
    }

    @Test("a key of another length is refused", arguments: [0, 16, 31, 33])
    func keyLength(count: Int) throws {
        #expect(throws: CryptoError.badParameter("an AES-256-GCM key has 32 bytes, not \(count)")) {
            try AESGCM(key: Secret.random(byteCount: count))
        }
    }

    @Test("buffers that do not fit, overlap or are too large are refused before a byte is touched")
    func badBuffers() throws {
        let cipher = try AESGCM(key: zeroKey)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        var memory = [UInt8](repeating: 0x55, count: 100)
        memory.withUnsafeMutableBytes { memory in
            func part(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
                UnsafeMutableRawBufferPointer(rebasing: memory[range])
            }
            func refused(_ body: () throws -> Void) {
                #expect {
                    try body()
                } throws: { error in
                    if case .badParameter = error as? CryptoError { true } else { false }
                }
            }
            let input = UnsafeRawBufferPointer(part(0..<20))
            refused { try cipher.seal(input, nonce: 0, associatedData: none, into: part(40..<75)) }
            refused { try cipher.seal(input, nonce: 0, associatedData: none, into: part(19..<55)) }
            refused { try cipher.seal(input, nonce: 0, associatedData: none, into: part(40..<50)) }
            refused { try cipher.open(input, nonce: 0, associatedData: none, into: part(40..<45)) }
            refused { try cipher.open(input, nonce: 0, associatedData: none, into: part(16..<20)) }
            let short = UnsafeRawBufferPointer(rebasing: input[..<15])
            refused { try cipher.open(short, nonce: 0, associatedData: none, into: part(0..<0)) }
            let huge = UnsafeRawBufferPointer(start: memory.baseAddress, count: 1 << 32)
            let hugeOutput = UnsafeMutableRawBufferPointer(start: memory.baseAddress, count: 1 << 32 + 16)
            refused { try cipher.seal(huge, nonce: 0, associatedData: none, into: hugeOutput) }
            refused { try cipher.seal(input, nonce: 0, associatedData: huge, into: part(40..<76)) }
        }
        #expect(memory.allSatisfy { $0 == 0x55 })
    }
}
