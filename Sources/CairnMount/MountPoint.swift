internal import Cairn
internal import ChunkStore
internal import Glibc
internal import Posix

/// The folder to mount on, and what speaks against it.
enum MountPoint {
    private static let device: Path = "/dev/fuse"
    private static let configuration: Path = "/etc/fuse.conf"

    /// The folder without links in its path. Throws where nothing can be mounted there, with what to do about it.
    static func check(_ folder: Path, _ store: Store, allowsOthers: Bool) throws(CairnError) -> Path {
        let real: Path
        let isFolder: Bool
        do throws(PosixError) {
            real = try Folder.resolved(folder)
            isFolder = try Folder.status(real).isFolder
        } catch { throw unreachable(folder, error) }
        guard isFolder else {
            throw CairnError(
                .usage, "this is no folder to mount on", path: folder, remedy: "choose an empty folder")
        }
        try checkPlace(real, store)
        try checkKernel()
        if !Machine.isSuperuser { try checkUser(allowsOthers: allowsOthers) }
        return real
    }

    private static func unreachable(_ folder: Path, _ error: PosixError) -> CairnError {
        if error.errno.rawValue == ENOTCONN {
            return CairnError(
                .target, "something is mounted here whose program has ended", path: folder,
                remedy: "run \"fusermount3 -u \(folder)\" first")
        }
        if error.errno == .noSuchFile {
            return CairnError(.usage, "there is no such folder", path: folder, remedy: "make it first: mkdir \(folder)")
        }
        return CairnError(.target, error)
    }

    /// Neither the repository nor anything else may vanish beneath the mount.
    private static func checkPlace(_ folder: Path, _ store: Store) throws(CairnError) {
        if let repository = try? Folder.resolved(Path(store.location)) {
            let isInside = folder == repository || folder.isBelow(repository)
            if isInside || repository.isBelow(folder) {
                throw CairnError(
                    .usage,
                    isInside
                        ? "this is the repository itself: a mount would hide it"
                        : "the repository is in this folder: a mount would hide it", path: folder,
                    remedy: "choose another folder")
            }
        }
        do throws(PosixError) {
            guard try Folder.entries(of: folder).isEmpty else {
                throw PosixError(call: "mount", path: folder, errno: .folderNotEmpty)
            }
        } catch {
            guard error.errno == .folderNotEmpty else { throw CairnError(.target, error) }
            throw CairnError(
                .usage, "the folder is not empty: a mount would hide what is in it", path: folder,
                remedy: "choose an empty one")
        }
    }

    private static func checkKernel() throws(CairnError) {
        do throws(PosixError) { _ = try FileDescriptor.open(device, .readWrite) } catch {
            let isClosed = error.errno == .permissionDenied
            throw CairnError(
                .system,
                isClosed
                    ? "only root may mount here: \(device) is closed to other users"
                    : "this machine cannot mount: \(device) cannot be opened (\(error.errno))", path: device,
                remedy: isClosed
                    ? "let root open it to all, as is usual: chmod 666 \(device)"
                    : "load the module: modprobe fuse; in a container, let it have the device")
        }
    }

    private static func checkUser(allowsOthers: Bool) throws(CairnError) {
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let hasHelper = folders.split(separator: ":").contains { access("\($0)/fusermount3", X_OK) == 0 }
        guard hasHelper else {
            throw CairnError(
                .system, "this machine cannot mount for users: there is no fusermount3",
                remedy: "install it: apt-get install fuse3")
        }
        guard allowsOthers else { return }
        let lines = (try? SmallFile.read(configuration, limit: 1 << 16)) ?? []
        let isAllowed = lines.split(separator: UInt8(ascii: "\n")).contains {
            $0.filter { $0 > 0x20 } == Array("user_allow_other".utf8)
        }
        guard isAllowed else {
            throw CairnError(
                .usage, "only root may let other users look", path: configuration,
                remedy: "let root add the line user_allow_other to \(configuration)")
        }
    }

    /// The programs that have something open below a folder, or work there, as far as we may see: `bash (1234)`.
    static func users(of folder: Path) -> [String] {
        let processes = ((try? Folder.entries(of: "/proc")) ?? []).compactMap {
            Int32(String(decoding: $0.name, as: UTF8.self))
        }
        return processes.sorted().filter { $0 != Machine.processID }.compactMap { process in
            let base = Path("/proc/\(process)")
            let open = ((try? Folder.entries(of: base.appending("fd"))) ?? []).map {
                base.appending("fd").appending(Path($0.name))
            }
            let uses = (["cwd", "root", "exe"].map { base.appending($0) } + open).contains { link in
                guard let target = try? Folder.linkTarget(link) else { return false }
                return target == folder || target.isBelow(folder)
            }
            guard uses else { return nil }
            let name = (try? SmallFile.read(base.appending("comm"), limit: 64)) ?? []
            return "\(Path(name.filter { $0 != UInt8(ascii: "\n") })) (\(process))"
        }
    }
}

extension Path {
    /// Whether the path begins with all of another, and goes on.
    fileprivate func isBelow(_ other: Path) -> Bool {
        let head = other.bytes.last == UInt8(ascii: "/") ? other.bytes : other.bytes + [UInt8(ascii: "/")]
        return bytes.count > head.count && bytes.starts(with: head)
    }
}
