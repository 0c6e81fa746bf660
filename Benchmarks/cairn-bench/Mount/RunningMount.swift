import Glibc
import Posix

/// A mount that another program serves, until it is ended.
struct RunningMount {
    let folder: Path
    private let process: pid_t

    /// Mounts, and waits until something is there.
    init(_ peer: any MountingPeer, _ place: Workplace) throws {
        folder = place.folder.appending("mount")
        try Folder.makeAll(folder)
        let before = try Folder.status(folder).device
        let command = peer.mounting(place, on: folder)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, place.messages.string, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var words: [UnsafeMutablePointer<CChar>?] = command.words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            (command.environment ?? [:]).map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var process = pid_t()
        let code = posix_spawn(&process, command.words[0], &actions, nil, &words, &variables)
        guard code == 0 else {
            throw PosixError(call: "posix_spawn", path: Path(command.words[0]), errno: .init(rawValue: code))
        }
        self.process = process
        for _ in 0..<3_000 {
            if let now = try? Folder.status(folder).device, now != before,
                (try? Folder.status(folder.appending(peer.latest))) != nil
            {
                return
            }
            Thread.rest(milliseconds: 10)
        }
        kill(process, SIGKILL)
        throw EndToEndOptions.Wrong(description: "\(peer.name) does not mount: see \(place.messages)")
    }

    /// The most memory that it has had.
    var peakBytes: Int {
        let text = String(
            decoding: (try? SmallFile.read(Path("/proc/\(process)/status"), limit: 1 << 16)) ?? [], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// Unmounts, and waits for the program's end.
    func end() throws {
        for _ in 0..<500 {
            if umount2(folder.string, 0) == 0 || errno == EINVAL { break }
            Thread.rest(milliseconds: 10)
        }
        var status: Int32 = 0
        for _ in 0..<1_000 {
            if waitpid(process, &status, WNOHANG) != 0 { return }
            Thread.rest(milliseconds: 10)
        }
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
    }
}
