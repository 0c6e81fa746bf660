import Posix

/// The programs of this machine that can be measured, and those that it does not have.
struct FoundPeers {
    private(set) var peers: [any Peer] = []
    /// What is not here, each with what would bring it in.
    private(set) var absent: [String] = []

    /// Looks for all programs. `scratch` is a folder for what they say about their versions.
    init(cairn: Path, threads: Int, scratch: Path) {
        if let version = Self.version(cairn, ["version"], scratch) {
            peers += [false, true].map { CairnPeer(path: cairn, version: version, hasPassword: $0) }
        } else {
            absent.append("cairn: \(cairn) does not run; build it, or name it with --cairn")
        }
        addRestics(scratch)
        if let borg = Command.found("borg").first, let version = Self.version(borg, ["--version"], scratch) {
            let compressions: [(String, BorgPeer.Part)] = [
                ("zstd,3", .everywhere), ("zstd,10", .growth), ("lz4", .isDefault),
            ]
            peers += compressions.map {
                BorgPeer(path: borg, version: version, compression: $0.0, part: $0.1)
            }
        } else {
            absent.append("borg: not on PATH")
        }
        if let tar = Command.found("tar").first, let zstd = Command.found("zstd").first {
            peers.append(ArchivePeer(tar: tar, zstd: zstd, threads: threads))
        } else {
            absent.append("tar|zstd: not both on PATH")
        }
        if let copy = Command.found("cp").first { peers.append(CopyPeer(path: copy)) } else { absent.append("cp") }
        if let find = Command.found("find").first { peers.append(WalkPeer(path: find)) } else { absent.append("find") }
    }

    /// Those that CAIRN_BENCH_RESTIC names (several with colons between), and those on PATH; each version once.
    private mutating func addRestics(_ scratch: Path) {
        let named = (Environment.value("CAIRN_BENCH_RESTIC") ?? "").split(separator: ":").map { Path(String($0)) }
        var versions: [String] = []
        for path in named + Command.found("restic") {
            guard let version = Self.version(path, ["version"], scratch) else {
                absent.append("restic: \(path) does not run")
                continue
            }
            if versions.contains(version) { continue }
            versions.append(version)
            peers += [nil, "max"].map { ResticPeer(path: path, version: version, compression: $0) }
        }
        if versions.isEmpty { absent.append("restic: not on PATH, and CAIRN_BENCH_RESTIC names none") }
    }

    /// The second word that a program prints: its version.
    private static func version(_ program: Path, _ words: [String], _ scratch: Path) -> String? {
        let answer = scratch.appending("version")
        guard (try? Child.run([program.string] + words, output: answer.string)) != nil,
            let bytes = try? SmallFile.read(answer, limit: 65_536)
        else { return nil }
        let said = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return said.count > 1 ? String(said[1]) : nil
    }

    /// Those that a series is given to: of several restics only the newest, for a series takes long.
    var ofSeries: [any Peer] {
        let releases = peers.compactMap { ($0 as? ResticPeer)?.release }
        let newest = releases.max { $0.lexicographicallyPrecedes($1) }
        return peers.filter { ($0 as? ResticPeer).map { $0.release == newest } ?? true }
    }

    /// Keeps Cairn and those whose names begin with one of some words.
    mutating func keep(_ words: [String]) {
        peers.removeAll { peer in peer.kind != .cairn && !words.contains { peer.name.hasPrefix($0) } }
    }
}
