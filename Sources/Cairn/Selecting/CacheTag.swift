/// The file that marks a folder as a cache, after the specification at bford.info/cachedir.
public enum CacheTag {
    /// The file's name.
    public static let name = Array("CACHEDIR.TAG".utf8)

    /// The bytes that the file begins with.
    public static let signature = Array("Signature: 8a477f597d28d172789f06886806bc55".utf8)

    /// The tag as a mark of presence, which is what `--exclude-caches` adds.
    public static let mark = PresenceMark(name: name, header: signature)
}
