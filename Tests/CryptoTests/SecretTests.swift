import Crypto
import Testing

@Suite struct SecretTests {
    private struct Refusal: Error {}

    @Test("a secret holds the bytes it was given")
    func holds() {
        let text = Array("correct horse".utf8)
        secret(text).withUnsafeBytes { #expect(Array($0) == text) }
        let filled = Secret(byteCount: 3) { buffer in
            #expect(buffer.allSatisfy { $0 == 0 })
            buffer[1] = 7
        }
        filled.withUnsafeBytes { #expect(Array($0) == [0, 7, 0]) }
    }

    @Test("secrets are equal if and only if all bytes are")
    func equality() {
        let bytes = [UInt8](0..<40)
        #expect(secret(bytes) == secret(bytes))
        #expect(secret(bytes) != secret(Array(bytes.dropLast())))
        #expect(secret([]) == secret([]))
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(secret(bytes) != secret(changed))
        }
    }

    @Test("no way of printing shows the bytes")
    func printing() {
        let hidden = secret(Array("hunter2".utf8))
        var dumped = ""
        dump(hidden, to: &dumped)
        let texts = [
            "\(hidden)", String(describing: hidden), String(reflecting: hidden), "\([hidden])", "\(["k": hidden])",
        ]
        for text in texts {
            #expect(text.contains("<secret>") && !text.contains("hunter2"))
        }
        #expect(!dumped.contains("hunter2") && !dumped.contains("104"))
    }

    @Test("an error while filling passes on")
    func failingInitialiser() {
        #expect(throws: Refusal.self) {
            try Secret(byteCount: 8) { (buffer) throws(Refusal) in
                buffer[0] = 1
                throw Refusal()
            }
        }
    }

    @Test("an empty secret and one larger than a page work")
    func sizes() throws {
        #expect(secret([]).byteCount == 0)
        let large = try Secret.random(byteCount: 10_000)
        large.withUnsafeBytes { #expect($0.contains { $0 != 0 } && $0.count == 10_000) }
        #expect(try large != Secret.random(byteCount: 10_000))
    }
}

@Suite struct RandomBytesTests {
    @Test("two fillings differ, and every byte of a buffer is filled")
    func fills() throws {
        #expect(try RandomBytes.bytes(32) != RandomBytes.bytes(32))
        #expect(try RandomBytes.bytes(0) == [])
        // getrandom may return less than was asked for above 256 bytes.
        var seen = [Bool](repeating: false, count: 5000)
        for _ in 0..<4 {
            let bytes = try RandomBytes.bytes(5000)
            for index in bytes.indices where bytes[index] != 0 { seen[index] = true }
        }
        #expect(seen.allSatisfy { $0 })
    }
}

@Suite struct CryptoErrorTests {
    @Test("every error says in words what happened")
    func words() {
        #expect("\(CryptoError.authenticationFailed)".contains("authentication failed"))
        #expect("\(CryptoError.badParameter("x is 3"))" == "bad parameter: x is 3")
        #expect("\(CryptoError.library("no"))" == "libcrypto: no")
    }
}
