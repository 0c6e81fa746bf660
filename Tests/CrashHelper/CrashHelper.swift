// A program for the tests to run beside themselves and to kill: it locks a file, makes a repository at a given moment, or
// puts data until it is done or dead. What it has finished it says on standard output, a line each, at once.
//
//   CrashHelper lock FOLDER NAME
//   CrashHelper create FOLDER KEY NANOSECONDS
//   CrashHelper put FOLDER CACHE KEY SEED ROUNDS
//
// KEY is the number of a test's key file, 0 for none.
import ChunkStore
import Glibc
import Posix
import Storage
import TestSupport

/// Says a line in one call, so that it is whole or not there.
private func say(_ text: String) {
    let line = Array("\(text)\n".utf8)
    _ = write(1, line, line.count)
}

private struct Misuse: Error {}

@main
enum CrashHelper {
    static func main() {
        do { try run(Array(CommandLine.arguments.dropFirst())) } catch {
            say("failed \(error)")
            exit(1)
        }
    }

    private static func run(_ words: [String]) throws {
        guard words.count > 1 else { throw Misuse() }
        let storage = try LocalDirectory(Path(words[1]))
        switch (words[0], words.count) {
        case ("lock", 3):
            guard let lock = try storage.lock(words[2], create: true) else { return say("taken") }
            say("locked")
            withExtendedLifetime(lock) { _ = pause() }
        case ("create", 4):
            guard let key = UInt8(words[2]), let moment = Int64(words[3]) else { throw Misuse() }
            create(storage, key: key, at: moment)
        case ("put", 6):
            guard let key = UInt8(words[3]), let seed = UInt64(words[4]), let rounds = Int(words[5]) else {
                throw Misuse()
            }
            try put(storage, cache: Path(words[2]), key: key, seed: seed, rounds: rounds)
        default: throw Misuse()
        }
    }

    private static func create(_ storage: LocalDirectory, key: UInt8, at moment: Int64) {
        while Machine.monotonicNanoseconds < moment {}
        do throws(StoreError) {
            _ = try Store.create(
                in: storage, encryption: key == 0 ? .none : .aes256GCM,
                credentials: key == 0 ? [] : [TestKey.file(key)],
                options: .small(cache: nil))
            say("won")
        } catch { say("\(error.code) \(error)") }
    }

    private static func put(_ storage: LocalDirectory, cache: Path, key: UInt8, seed: UInt64, rounds: Int) throws {
        let store = try Store.open(
            storage, credentials: key == 0 ? [] : [TestKey.file(key)], options: .small(cache: cache))
        let session = try store.write(for: "crash test")
        defer { session.close() }
        var references: [RootReference] = []
        for round in 0..<rounds {
            var data = SplitMix64(seed: seed << 32 + UInt64(round))
            for _ in 0..<6 {
                let id = try session.put(data.text(500 + data.number(below: 8_000)))
                references.append(RootReference(kind: .data, id: id))
            }
            let stream = try session.stream { references.append(RootReference(kind: .data, id: $0.id)) }
            // Mostly small, so that much happens in little time; now and then one that goes the way of large streams.
            try stream.write(data.bytes(data.number(below: 6) == 0 ? 600_000 : 5_000 + data.number(below: 60_000)))
            try stream.finish()
            let tree = try session.put(TestTree.encode(references), as: .tree)
            switch data.number(below: 3) {
            case 0: try session.flush()
            case 1:
                let root = try session.commit(
                    Array("\(seed)-\(round)".utf8), references: [RootReference(kind: .tree, id: tree)])
                say("root \(root.id)")
            default: break
            }
        }
        let root = try session.commit(
            Array("\(seed)-end".utf8),
            references: [RootReference(kind: .tree, id: session.put(TestTree.encode(references), as: .tree))])
        say("root \(root.id)")
        say("stored \(session.statistics.newBytes) known \(session.statistics.knownBytes)")
    }
}
