internal import Glibc

extension TreeEntry {
    /// Kind and permissions, as in `st_mode`.
    public var statMode: UInt32 {
        let kind: UInt32 =
            switch node {
            case .file: S_IFREG
            case .directory: S_IFDIR
            case .symbolicLink: S_IFLNK
            case .fifo: S_IFIFO
            case .socket: S_IFSOCK
            case .characterDevice: S_IFCHR
            case .blockDevice: S_IFBLK
            }
        return kind | mode
    }

    /// Kind and permissions as `ls -l` shows them: `drwxr-xr-t`.
    public var permissions: String {
        let kind: Character =
            switch node {
            case .file: "-"
            case .directory: "d"
            case .symbolicLink: "l"
            case .fifo: "p"
            case .socket: "s"
            case .characterDevice: "c"
            case .blockDevice: "b"
            }
        var text = String(kind)
        for (shift, special, letter) in [(6, 0o4000, "s"), (3, 0o2000, "s"), (0, 0o1000, "t")]
            as [(UInt32, UInt32, String)]
        {
            let bits = mode >> shift
            text += bits & 4 != 0 ? "r" : "-"
            text += bits & 2 != 0 ? "w" : "-"
            let isRun = bits & 1 != 0
            if mode & special == 0 {
                text += isRun ? "x" : "-"
            } else {
                text += isRun ? letter : letter.uppercased()
            }
        }
        return text
    }
}
