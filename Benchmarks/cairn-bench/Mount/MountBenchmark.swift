import Glibc
import Posix

/// Snapshots as folders, beside other programs that show them so: names, status, and reading in several ways, each on a mount of its own, so that no
/// kernel remembers anything.
struct MountBenchmark {
    let options: EndToEndOptions
    let scratch: Path
    let threads: Int

    static let randomReads = 20_000
    static let randomBytes = 4_096
    private static let largeBytes = 2 << 30

    /// Cairn's least advantage over restic.
    private static let goal = 3.0
    /// How much longer than a restore reading from front to back may take.
    private static let restoreGoal = 1.5

    func run() throws {
        var found = FoundPeers(cairn: options.cairn, threads: threads, scratch: scratch)
        if let peers = options.peers { found.keep(peers) }
        let peers = found.peers.compactMap { peer -> (any MountingPeer)? in
            guard !peer.isGrowthOnly, let mounting = peer as? any MountingPeer, mounting.canMount else { return nil }
            return mounting
        }
        guard
            let tree = try Corpus.found(.usr, in: options.corpora, scratch: scratch)?.readable(scratch: scratch).sources
        else { throw EndToEndOptions.Wrong(description: "there is no tree of small files to mount") }
        let large = try LargeFile.make(Self.largeBytes, of: options.corpora, scratch: scratch)
        print(
            "mounted: \(tree.map(\.string).joined(separator: ", ")), and a file of \(try Folder.status(large).size) bytes"
        )
        var places: [(peer: any MountingPeer, place: Workplace)] = []
        for peer in peers {
            let place = try Workplace(
                scratch.appending("mount-\(places.count)"), sources: tree + [large])
            for step in [Step.make, .first] {
                guard let command = peer.command(step, in: place) else { continue }
                _ = try Child.time(command, errors: place.messages)
            }
            places.append((peer, place))
        }
        var figures = MountFigures()
        for round in 1...(options.rounds ?? 3) {
            for task in options.tasks {
                for (peer, place) in places {
                    Settling.settle()
                    let mount = try RunningMount(peer, place)
                    let top = mount.folder.appending(peer.latest)
                    let seconds = try Child.time(
                        task.command(trees: tree.map { top.below($0) }, large: top.below(large)), errors: place.messages
                    ).seconds
                    let memory = mount.peakBytes
                    try mount.end()
                    figures.note(task, peer.name, seconds, memory)
                    print("  round \(round), \(task.rawValue): \(peer.name) \(seconds.digits(2)) s")
                }
            }
            for (peer, place) in places where peer.kind == .cairn {
                // The large file alone, restored: what reading it could take at best.
                try place.clearTarget()
                Settling.settle()
                let command = Command(
                    [
                        options.cairn.string, "restore", "-q", "latest:" + large.string, "--target",
                        place.target.appending("x").string,
                    ],
                    environment: peer.command(.list, in: place)?.environment)
                figures.noteRestore(try Child.time(command, errors: place.messages).seconds)
            }
        }
        figures.show(goal: Self.goal, restoreGoal: Self.restoreGoal)
        for (_, place) in places { try place.remove() }
    }
}

/// A program that can show its snapshots as folders.
protocol MountingPeer: Peer {
    var canMount: Bool { get }
    /// Mounts until it is unmounted.
    func mounting(_ place: Workplace, on folder: Path) -> Command
    /// Where below the mount the newest snapshot is.
    var latest: Path { get }
}

extension CairnPeer: MountingPeer {
    var canMount: Bool { !hasPassword }
    var latest: Path { "latest" }

    func mounting(_ place: Workplace, on folder: Path) -> Command {
        Command(
            [path.string, "mount", "-q", folder.string], environment: command(.restore, in: place)?.environment)
    }
}

extension ResticPeer: MountingPeer {
    /// Debian's is measured elsewhere.
    var canMount: Bool { compression == nil && !release.lexicographicallyPrecedes([0, 18]) }
    var latest: Path { "snapshots/latest" }

    func mounting(_ place: Workplace, on folder: Path) -> Command {
        Command([path.string, "mount", "-q", folder.string], environment: command(.restore, in: place)?.environment)
    }
}

extension Path {
    /// The path of something absolute below this one.
    fileprivate func below(_ other: Path) -> Path { appending(Path(Array(other.bytes.dropFirst()))) }
}
