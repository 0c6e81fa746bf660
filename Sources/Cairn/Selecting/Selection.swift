/// Which paths a snapshot takes: everything, less what is left out here. Sources are taken even if a pattern fits them.
///
/// A scan asks for a `Folder` of each source and carries it down.
///
///     var folder = selection.folder(at: path, listing: names) { name, count in … }
///     for entry in entries where !folder.isExcluded(entry.name, isDirectory: entry.isFolder, size: entry.size) {
///         …
///         let inside = folder.child(entry.name, listing: names) { name, count in … }
///     }
public struct Selection: Sendable {
    /// Patterns for absolute paths; what is matched is left out.
    public var excludes = PatternList()
    /// The same, without regard to case. Neither list takes back what the other matches.
    public var excludesIgnoringCase = PatternList()
    /// Whether what git ignores is left out.
    public var followsGitignore = false
    /// Files whose presence leaves out what else is in their folder.
    public var presenceMarks: [PresenceMark] = []
    /// Files longer than this are left out.
    public var sizeMax: UInt64?

    /// Leaves out nothing.
    public init() {}

    /// Reads the beginning of a small regular file in the folder that is being entered: its name (or a short relative path,
    /// `.git/info/exclude`) and how many bytes at most. nil if there is no such regular file or it cannot be read. Links are
    /// better not followed.
    public typealias Reading = (_ name: [UInt8], _ count: Int) -> [UInt8]?

    /// The state in a source that is a folder, or in the folder that a single file lies in.
    ///
    /// - Parameters:
    ///   - path: The folder's absolute path.
    ///   - listing: The names in it. Only looked at if marks or git's rules are asked for.
    ///   - read: Reads a file in it.
    ///   - readAbove: Reads a file by its absolute path, for git's rules that stand in the folders above. Without it the
    ///     rules begin in the folder itself.
    public func folder(
        at path: [UInt8], listing: some Sequence<[UInt8]>, read: Reading, readAbove: Reading? = nil
    ) -> Folder {
        Folder(self, path: path, listing: listing, read: read, readAbove: readAbove)
    }
}
