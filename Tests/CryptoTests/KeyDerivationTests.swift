import Crypto
import Testing

private func isBadParameter(_ error: any Error) -> Bool {
    if case .badParameter = error as? CryptoError { true } else { false }
}

@Suite struct HKDFTests {
    @Test("RFC 5869, test case 1")
    func basic() throws {
        let key = try HKDF.sha256(
            inputKey: secret([UInt8](repeating: 0x0b, count: 22)), salt: bytes("000102030405060708090a0b0c"),
            info: bytes("f0f1f2f3f4f5f6f7f8f9"), byteCount: 42)
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        #expect(key == secret(bytes(expected)))
    }

    @Test("RFC 5869, test case 2: long inputs and outputs")
    func long() throws {
        let key = try HKDF.sha256(
            inputKey: secret([UInt8](0x00...0x4f)), salt: [UInt8](0x60...0xaf), info: [UInt8](0xb0...0xff),
            byteCount: 82)
        let expected =
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
            + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        #expect(key == secret(bytes(expected)))
    }

    @Test("RFC 5869, test case 3: no salt, no info")
    func empty() throws {
        let key = try HKDF.sha256(
            inputKey: secret([UInt8](repeating: 0x0b, count: 22)), salt: [], info: [], byteCount: 42)
        let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        #expect(key == secret(bytes(expected)))
    }

    @Test("an empty key, an absurd length and an endless info are refused")
    func limits() throws {
        let key = try Secret.random(byteCount: 32)
        let empty = try Secret.random(byteCount: 0)
        for count in [-1, 0, 255 * 32 + 1] {
            #expect(throws: CryptoError.badParameter("HKDF-SHA-256 yields 1 to 8160 bytes, not \(count)")) {
                try HKDF.sha256(inputKey: key, salt: [], info: [], byteCount: count)
            }
        }
        #expect(throws: CryptoError.badParameter("the input key is empty")) {
            try HKDF.sha256(inputKey: empty, salt: [], info: [], byteCount: 32)
        }
        let info = [UInt8](repeating: 1, count: 1025)
        #expect(throws: CryptoError.badParameter("info has more than 1024 bytes")) {
            try HKDF.sha256(inputKey: key, salt: [], info: info, byteCount: 32)
        }
        let most = try HKDF.sha256(inputKey: key, salt: [], info: Array(info.dropLast()), byteCount: 8160)
        #expect(most.byteCount == 8160)
    }
}

@Suite struct ScryptTests {
    @Test("RFC 7914, the vector with N = 1024, r = 8, p = 16")
    func small() throws {
        let key = try Scrypt.derive(
            password: secret(Array("password".utf8)), salt: Array("NaCl".utf8), log2N: 10, r: 8, p: 16, byteCount: 64)
        let expected =
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        #expect(key == secret(bytes(expected)))
    }

    @Test("RFC 7914, the vector with N = 16384, r = 8, p = 1")
    func interactive() throws {
        let key = try Scrypt.derive(
            password: secret(Array("pleaseletmein".utf8)), salt: Array("SodiumChloride".utf8), log2N: 14, r: 8, p: 1,
            byteCount: 64)
        let expected =
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
            + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        #expect(key == secret(bytes(expected)))
    }

    @Test("an empty password and an empty salt are allowed, and differ from others")
    func empty() throws {
        let empty = try Secret.random(byteCount: 0)
        let none = try Scrypt.derive(password: empty, salt: [], log2N: 10, r: 1, p: 1, byteCount: 32)
        let salted = try Scrypt.derive(password: empty, salt: [0], log2N: 10, r: 1, p: 1, byteCount: 32)
        let other = try Scrypt.derive(password: secret([1]), salt: [], log2N: 10, r: 1, p: 1, byteCount: 32)
        #expect(none != salted && none != other && salted != other)
    }

    @Test("parameters outside the limits are refused before memory is taken")
    func limits() throws {
        let password = try Secret.random(byteCount: 8)
        let refused: [(log2N: UInt8, r: UInt32, p: UInt32, byteCount: Int)] = [
            (9, 8, 1, 32), (23, 1, 1, 32), (255, 1, 1, 32), (0, 8, 1, 32), (15, 0, 1, 32), (15, 33, 1, 32),
            (15, .max, 1, 32), (15, 8, 0, 32), (15, 8, 65, 32), (15, 8, .max, 32), (21, 8, 1, 32), (22, 32, 64, 32),
            (19, 32, 1, 32), (10, 1, 1, 0), (10, 1, 1, -1), (10, 1, 1, 1025),
        ]
        for (log2N, r, p, byteCount) in refused {
            #expect {
                try Scrypt.derive(password: password, salt: [1], log2N: log2N, r: r, p: p, byteCount: byteCount)
            } throws: {
                isBadParameter($0)
            }
        }
    }

    @Test("the most parallel and the widest parameters are within what the library is allowed to take")
    func extremes() throws {
        let password = try Secret.random(byteCount: 8)
        _ = try Scrypt.derive(password: password, salt: [1], log2N: 10, r: 1, p: 64, byteCount: 32)
        _ = try Scrypt.derive(password: password, salt: [1], log2N: 10, r: 32, p: 1, byteCount: 1024)
        _ = try Scrypt.derive(password: password, salt: [1], log2N: 10, r: 32, p: 2, byteCount: 1)
    }
}
