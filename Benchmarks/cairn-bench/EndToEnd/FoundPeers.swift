import Posix

/// The programs of this machine that can be measured, and those that it does not have.
struct FoundPeers {
    private(set) var peers: [any Peer] = []
    /// What is not here, each with what would bring it in.
    private(set) var absent: [String] = []
    /// How each program was found, for the report.
    private(set) var programs: [FoundProgram] = []

    /// Looks for all programs. `scratch` is a folder for what they say about their versions.
    init(cairn: Path, threads: Int, scratch: Path) {
        if let version = Self.version(cairn, ["version"], scratch) {
            peers += [false, true].map { CairnPeer(path: cairn, version: version, hasPassword: $0) }
            note(.cairn, [cairn], ["version"], scratch)
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
            note(.borg, [borg], ["--version"], scratch)
        } else {
            absent.append("borg: not on PATH; the Debian package borgbackup brings it")
        }
        // Its version is in what it says when it is asked for nothing, and then it fails.
        if let zpaq = Command.found("zpaq").first, let version = Self.version(zpaq, [], scratch, isFailing: true) {
            peers.append(ZpaqPeer(path: zpaq, version: String(version.drop { $0 == "v" }), threads: threads))
            note(.zpaq, [zpaq], [], scratch)
        } else {
            absent.append("zpaq: not on PATH; the Debian package zpaq brings it")
        }
        if let tar = Command.found("tar").first, let zstd = Command.found("zstd").first {
            peers.append(ArchivePeer(tar: tar, zstd: zstd, threads: threads))
            note(.archive, [tar, zstd], ["--version"], scratch)
        } else {
            absent.append("tar|zstd: not both on PATH; the Debian packages tar and zstd bring them")
        }
        addTools(scratch)
    }

    private mutating func addTools(_ scratch: Path) {
        if let copy = Command.found("cp").first {
            peers.append(CopyPeer(path: copy))
            note(.copy, [copy], ["--version"], scratch)
        } else {
            absent.append("cp: not on PATH")
        }
        if let find = Command.found("find").first {
            peers.append(WalkPeer(path: find))
            note(.walk, [find], ["--version"], scratch)
        } else {
            absent.append("find: not on PATH; the Debian package findutils brings it")
        }
    }

    private mutating func note(_ kind: PeerKind, _ paths: [Path], _ words: [String], _ scratch: Path) {
        // Cairn names its libraries too, on lines of their own.
        let lines = kind == .cairn ? 8 : 1
        let said = paths.compactMap { Self.words(of: $0, words, scratch, isFailing: true) }.map {
            let said = $0.split(separator: "\n").prefix(lines).joined(separator: "; ")
            // Stars around it are an ornament of zstd's.
            return said.split(separator: " ").filter { $0 != "***" }.joined(separator: " ")
        }
        programs.append(FoundProgram(kind: kind, paths: paths, said: said.joined(separator: "; ")))
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
            note(.restic, [path], ["version"], scratch)
        }
        if versions.isEmpty {
            absent.append(
                "restic: not on PATH, and CAIRN_BENCH_RESTIC names none; the Debian package restic brings it")
        }
    }

    /// The second word that a program prints: its version.
    private static func version(
        _ program: Path, _ words: [String], _ scratch: Path, isFailing: Bool = false
    ) -> String? {
        guard let text = Self.words(of: program, words, scratch, isFailing: isFailing) else { return nil }
        let said = text.split(whereSeparator: \.isWhitespace)
        return said.count > 1 ? String(said[1]) : nil
    }

    /// What a program prints; nil if it cannot be run, or fails though that is not usual.
    private static func words(
        of program: Path, _ words: [String], _ scratch: Path, isFailing: Bool
    ) -> String? {
        let answer = scratch.appending("version")
        do { _ = try Child.run([program.string] + words, output: answer.string) } catch {
            if !(isFailing && error is Child.Failed) { return nil }
        }
        return (try? SmallFile.read(answer, limit: 65_536)).map { String(decoding: $0, as: UTF8.self) }
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
        programs.removeAll { program in !peers.contains { $0.kind == program.kind } }
    }
}
