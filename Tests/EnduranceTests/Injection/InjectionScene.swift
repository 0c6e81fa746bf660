import Posix
import TestSupport

/// A repository in which there is something to do for every command: snapshots, a forgotten one, a second key, and packs that are needed in
/// part and not at all.
final class InjectionScene {
    let place: Place
    private let source: Path
    /// What each snapshot holds, by its id.
    private var facts: [String: [String]] = [:]
    /// The snapshots, the oldest first.
    private(set) var ids: [String] = []
    /// One more, which is forgotten.
    private(set) var forgotten = ""
    /// The second key, which opens with the file `second`.
    private(set) var secondKey = ""

    init() throws {
        place = try Place()
        source = place.path("source")
        var chance = SplitMix64(seed: 5)
        for round in 0..<5 {
            try source.appending("steady").write(chance.bytes(round == 0 ? 60_000 : 0) + StormSource.pool[3])
            try source.appending("d/changing-\(round % 2)").write(chance.bytes(30_000))
            try source.appending("d/text").write(chance.text(3_000))
            let run = try place.snapshot(source)
            guard run.code == 0, let id = run.text("snapshot_id") else { throw Failed("snapshot: \(run.errorText)") }
            facts[id] = try TreeFacts.list(source)
            ids.append(id)
        }
        // What only one that is given up needs is waste; another can still come back.
        try done(place.run("forget", ids.removeFirst()))
        try done(place.run("prune", "--now", "--max-unused", "unlimited"))
        let gone = ids.remove(at: 1)
        try done(place.run("forget", gone))
        forgotten = ids.remove(at: 1)
        try done(place.run("forget", forgotten))
        let added = try place.run("key", "add", "--json", "--new-key-file", place.path("second").string)
        try done(added)
        secondKey = added.output.split(separator: "\"id\":\"").last.map { String($0.prefix { $0 != "\"" }) } ?? ""
        facts[gone] = nil
    }

    struct Failed: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private func done(_ run: Place.Run) throws {
        guard run.code == 0 else { throw Failed("exit \(run.code): \(run.errorText)") }
    }

    // MARK: Looking

    /// The ids that are listed, or that are forgotten and can come back.
    func listed(in place: Place, forgotten: Bool = false) throws -> [String] {
        let run = try place.run(["snapshots", "--json"] + (forgotten ? ["--forgotten"] : []), key: try key(of: place))
        try done(run)
        return run.output.split(separator: "{\"id\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
    }

    /// The file with a key that opens a place: the first, or one that took its place.
    func key(of place: Place) throws -> Path {
        let files = ["key", "third", "fourth"].map { place.path($0) }
        for file in files where try place.run(["key", "list"], key: file).code == 0 { return file }
        throw Failed("no key opens the repository any more")
    }

    /// Throws unless every one of these snapshots restores bit for bit.
    func requireWhole(_ ids: [String], in place: Place) throws {
        let key = try key(of: place)
        let target = place.path("back")
        for id in ids {
            let run = try place.run(["restore", "\(id):\(source)", "--target", target.string], key: key)
            guard run.code == 0 else { throw Failed("restore of \(id): exit \(run.code): \(run.errorText)") }
            guard try TreeFacts.list(target) == facts[id] else { throw Failed("\(id) restores otherwise") }
            TemporaryFolder.removeAll(target)
        }
    }

    /// Throws unless prune ends, and right after it finds nothing to do.
    func requirePrunable(_ place: Place) throws {
        let key = try key(of: place)
        try done(place.run(["prune", "--now", "--max-unused", "0"], key: key))
        let again = try place.run(["prune", "--json", "--now", "--max-unused", "0"], key: key)
        try done(again)
        for part in ["deleted", "written", "waiting"] where !again.output.contains("\"\(part)\":{\"packs\":0,") {
            throw Failed("a second prune finds something to do: \(again.output)")
        }
        for folder in ["tmp", "leases", "condemned"] {
            let left = try Folder.entries(of: place.repository.appending(folder)).map {
                String(decoding: $0.name, as: UTF8.self)
            }
            guard left.allSatisfy({ $0 == "lock" }) else { throw Failed("left in \(folder): \(left)") }
        }
    }
}
