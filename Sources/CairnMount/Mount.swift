public import Cairn
public import ChunkStore
internal import Glibc
public import Posix

/// How a repository is mounted.
public struct MountOptions: Sendable {
    /// Whether other users may look too; the permissions of the files then say what they may read.
    public var allowsOthers = false
    /// Which snapshots are shown.
    public var filter = SnapshotFilter()
    /// How much memory what was decoded may take.
    public var cacheBytes = 96 << 20
    /// Of these, what of a file comes again hundreds of MiB later: that is little, and blocks would have to be decoded once more for it.
    var roomBytes: Int { cacheBytes / 8 * 3 }

    /// The usual ones.
    public init() {}
}

/// The snapshots of a repository as folders, as long as `run` runs.
///
/// ```swift
/// let mount = try Mount(store, at: "/mnt/snapshots")
/// try mount.run()
/// ```
///
/// Everything is read-only. Snapshots that come or go while it runs appear and vanish. The mount holds a lease, so that a prune beside it takes nothing
/// away that somebody has open.
public final class Mount: Sendable {
    /// Where it is mounted, without links in the path.
    public let folder: Path
    private let session: FuseSession
    private let source: MountSource
    private let files: MountedFileSystem
    private let neighbours: Neighbours
    private let isEnding = Monitor(false)

    private static let watchMilliseconds = 5_000

    /// Mounts. What cannot be read later on is told to `report`.
    public init(
        _ store: Store, at folder: Path, options: MountOptions = MountOptions(),
        report: @escaping @Sendable (CairnError) -> Void = { _ in }
    ) throws(CairnError) {
        self.folder = try MountPoint.check(folder, store, allowsOthers: options.allowsOthers)
        let layout = MountLayout(options.filter)
        source = try MountSource(
            store, cacheBytes: options.cacheBytes - options.roomBytes, show: { layout.show($0) }, report: report)
        files = MountedFileSystem(source, MountedTree(layout), room: RecurrenceRoom(bytes: options.roomBytes))
        session = try FuseSession(files, options: Self.kernelOptions(options))
        do throws(PosixError) {
            neighbours = try Neighbours { [session] in session.store($0, at: $1, $2) }
        } catch { throw CairnError(.system, error) }
        files.use(neighbours)
        try session.mount(at: self.folder)
        KernelReadAhead.widen(self.folder)
    }

    deinit {
        // They hold one another where nobody has run it.
        files.use(nil)
    }

    private static func kernelOptions(_ options: MountOptions) -> String {
        // Others see what the permissions let them see; whoever mounts could restore everything anyway.
        let access = options.allowsOthers ? ",allow_other,default_permissions" : ""
        return "ro,nosuid,nodev,noatime,fsname=cairn,subtype=cairn" + access
    }

    /// Serves the mount until it is unmounted.
    public func run() throws(CairnError) {
        let watch: Thread
        do throws(PosixError) {
            watch = try Thread("mount-watch") { [self] in
                while !isEnding.wait(milliseconds: Self.watchMilliseconds, until: { $0 }) { files.look() }
            }
        } catch { throw CairnError(.system, error) }
        defer {
            isEnding.update { $0 = true }
            watch.join()
            files.use(nil)
            neighbours.close()
        }
        try session.run()
    }

    /// How unmounting went.
    public enum Unmounting: Sendable {
        /// It is no more.
        case done
        /// These programs use it. Nobody else finds it any more, and `run` ends when they are done.
        case detached(users: [String])
    }

    /// Unmounts; any thread may call. What is open stays readable until it is closed.
    public func unmount() throws(CairnError) -> Unmounting {
        let code = unmountFuse(folder, detached: false)
        if code == 0 { return .done }
        guard code == EBUSY else { throw failure(code) }
        let users = MountPoint.users(of: folder)
        let second = unmountFuse(folder, detached: true)
        if second != 0 { throw failure(second) }
        return .detached(users: users)
    }

    private func failure(_ code: Int32) -> CairnError {
        CairnError(
            .system, "unmounting failed: \(Errno(rawValue: code))", path: folder,
            remedy: "run \"fusermount3 -u \(folder)\"")
    }
}
