// Crypto: the few primitives that a store of sealed, self-verifying bytes needs, through OpenSSL's EVP interface alone.
//
// SHA-256 names bytes, AES-256-GCM seals them, HKDF makes keys of keys and scrypt makes keys of passwords; `Secret` holds
// keys and wipes them. Nothing here chooses nonces, salts or formats: that is for the layers above.
//
// Pointers that belong to libcrypto live in `LibCrypto.swift`, `SHA256.swift`, `SHA256Stream.swift` and `AESGCM.swift`,
// each with one owner; the memory of secrets lives in `Secret.swift`.
