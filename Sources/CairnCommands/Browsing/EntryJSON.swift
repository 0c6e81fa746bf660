internal import Cairn
internal import CommandLine
internal import Crypto
internal import Posix

/// What lies in snapshots, for programs.
enum EntryJSON {
    /// An entry's fields.
    static func fields(_ path: Path, _ entry: TreeEntry) -> [(String, JSONText)] {
        var fields = JSONText.fields(of: path, as: "path")
        fields += JSONText.fields(of: Path(entry.name), as: "name")
        fields += [
            ("type", .string(type(entry.node))), ("mode", .integer(Int(entry.mode))),
            ("permissions", .string(entry.permissions)), ("uid", .integer(Int(entry.userID))),
            ("gid", .integer(Int(entry.groupID))), ("user", .text(entry.userName)),
            ("group", .text(entry.groupName)), ("mtime", .string(time(entry.modified))),
        ]
        switch entry.node {
        case .file(let size, _, let digest, _):
            fields += [("size", .integer(Int(clamping: size))), ("sha256", .string(digest.hex))]
        case .symbolicLink(let target): fields += JSONText.fields(of: Path(target), as: "target")
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
            fields += [("device_major", .integer(Int(major))), ("device_minor", .integer(Int(minor)))]
        case .directory, .fifo, .socket: break
        }
        return fields
    }

    /// What names a snapshot.
    static func fields(_ snapshot: Snapshot) -> [(String, JSONText)] {
        let manifest = snapshot.manifest
        return [
            ("id", .string(snapshot.id.description)), ("short_id", .string(snapshot.id.short)),
            ("time", .string(manifest.time.rfc3339)), ("hostname", .string(manifest.hostname)),
            ("paths", .array(manifest.paths.map { .text(Array($0.bytes)) })),
            ("tags", .array(manifest.tags.map { .string($0) })),
        ]
    }

    /// The names that restic uses too.
    static func type(_ node: TreeEntry.Node) -> String {
        switch node {
        case .file: "file"
        case .directory: "dir"
        case .symbolicLink: "symlink"
        case .fifo: "fifo"
        case .socket: "socket"
        case .characterDevice: "chardev"
        case .blockDevice: "dev"
        }
    }

    private static func time(_ time: FileTime) -> String {
        SnapshotTime(time).on(.machine).rfc3339
    }
}
