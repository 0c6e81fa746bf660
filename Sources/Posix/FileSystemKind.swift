/// Whether locks and renames are known to hold between all processes that can see a file.
public struct FileSystemKind: Hashable, Sendable {
    /// The magic number that statfs(2) gives.
    public let magic: Int64

    /// Takes over what C returned.
    public init(magic: Int64) { self.magic = magic }

    /// A kind that only this machine can write to, as far as its name tells.
    public var isLocal: Bool { Self.local.contains(magic) }

    /// Held in memory: what is written there is gone with the machine, and counts as memory.
    public var isMemory: Bool { magic == 0x0102_1994 }

    private static let local: Set<Int64> = [
        0xEF53,  // ext2, ext3, ext4
        0x5846_5342,  // xfs
        0x9123_683E,  // btrfs
        0x2FC1_2FC1,  // zfs
        0xF2F5_2010,  // f2fs
        0x0102_1994,  // tmpfs
        0x4D44,  // vfat
        0x2011_BAB0,  // exfat
        0x794C_7630,  // overlayfs, over one of the others
    ]
}
