// unsafe: the texts that the C libraries hand out.
internal import CCrypto
internal import CSQLite
internal import CZstd

/// What the program is built with, as it runs now.
enum LibraryVersions {
    static var all: [(name: String, version: String)] {
        [
            ("sqlite", String(cString: sqlite3_libversion())),
            ("zstd", String(cString: ZSTD_versionString())),
            ("openssl", "\(OPENSSL_version_major()).\(OPENSSL_version_minor()).\(OPENSSL_version_patch())"),
        ]
    }

    /// The compiler's version, as far as the language tells.
    static var swift: String {
        #if compiler(>=6.4)
            "6.4 or newer"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}
