internal import ChunkStore
internal import Posix

/// Key files that are made for `--new-key-file`.
enum NewKeyFile {
    /// Makes a random key in a new file; it is durable when this returns, so before anything needs it.
    static func make(_ path: Path) throws -> Credential {
        let (text, credential) = try KeyFileText.make()
        do throws(PosixError) {
            try SmallFile.writeNew(path, text)
        } catch {
            throw CommandFailure(
                error, "cannot make the key file", kind: "key_file",
                hint: error.errno == .exists
                    ? "name a file that is not there yet, or use that one: --key-file" : nil)
        }
        return credential
    }
}
