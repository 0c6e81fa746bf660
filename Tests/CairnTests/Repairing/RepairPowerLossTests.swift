import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@testable import Cairn

@Suite("Whenever the power fails during a repair, it has made nothing worse, and the next one ends")
struct RepairPowerLossTests {
    /// A half damaged manifest and config, a manifest under a wrong name, a damaged pack of which there is a second copy, one that is not, and a wrong digest.
    private func hurt() throws -> CheckScene {
        let scene = try CheckScene(encrypted: true)
        try scene.duplicate()
        try CheckScene.commit("e5", ["f": "1"], to: try scene.repository.open()) { manifest, _ in
            manifest.rootHash = scene.someChunk.digest
        }
        try scene.flip(scene.packs[0], at: 60)
        try scene.flip(scene.packs[1], at: 60)
        try scene.flip(scene.manifest(scene.second), at: 200)
        try scene.flip("config", at: 5_000)
        try Folder.rename(
            scene.path(scene.manifest(scene.first)), to: scene.path("manifests/\(String(repeating: "ab", count: 32))"))
        return scene
    }

    /// The disk with all that is in the repository on it, durably.
    private func disk(of scene: CheckScene) throws -> DiskModel {
        let contents = try scene.contents()
        var folders = ["tmp", "leases", "manifests", "forgotten", "condemned", "packs", "packs/d", "packs/t", "keys"]
        for name in contents.keys.sorted() {
            if let slash = name.lastIndex(of: "/") { folders.append(String(name[..<slash])) }
        }
        folders = folders.filter { (try? Folder.status(scene.path($0))) != nil }
        var steps: [LocalDirectory.Step] = folders.map { .makeFolder($0) }
        for (name, bytes) in contents { steps += [.create(name), .write(name, bytes), .synchronize(name)] }
        steps += (folders + [""]).map { .synchronizeFolder($0) }
        return try DiskModel(steps.map { .step($0) })
    }

    @Test("after any step, with what a disk may lose", arguments: [DiskModel.Loss.all, .nothing, .some(seed: 3)])
    func power(_ loss: DiskModel.Loss) throws {
        let scene = try hurt()
        let before = try scene.readable()
        let disk = try disk(of: scene)
        let recorder = StepRecorder()
        let storage = try LocalDirectory(scene.repository.path!, interceptor: recorder.interceptor)
        #expect(try scene.repair(in: storage) { $0.acceptsLoss = true }.code == 4)
        let healed = try scene.readable()
        var failures: [String] = []
        var points = 0
        var last: DiskModel.Remains?
        for (number, event) in recorder.events.enumerated() {
            try disk.apply(event)
            var loss = loss
            if case .some(let seed) = loss { loss = .some(seed: seed &* 1_000 &+ UInt64(number)) }
            let remains = disk.remains(loss)
            let isEnd = number == recorder.events.count - 1
            if let last, last == remains, !isEnd { continue }
            last = remains
            points += 1
            guard isEnd || points.isMultiple(of: 2) else { continue }
            do {
                let remaining = try TemporaryFolder()
                try remains.write(to: remaining.path)
                try expectNoWorse(
                    scene, LocalDirectory(remaining.path), before: before, healed: isEnd ? healed : nil)
            } catch { failures.append("after \(number + 1) events: \(error)") }
        }
        #expect(points > 20)
        #expect(failures.isEmpty, "\(failures.prefix(3)), \(failures.count) of \(points)")
    }

    private struct Worse: Error, CustomStringConvertible {
        let description: String
    }

    /// With `healed` the repair had returned: then all that it did is durable.
    private func expectNoWorse(
        _ scene: CheckScene, _ storage: any Storage, before: CheckScene.Readable, healed: CheckScene.Readable?
    ) throws {
        guard try scene.readable(storage).keeps(before) else { throw Worse(description: "something is lost") }
        if let healed, try scene.readable(storage) != healed { throw Worse(description: "it was not durable") }
        let again = try scene.repair(in: storage) { $0.acceptsLoss = true }
        guard again.code == (healed == nil ? again.code : 0), again.code != 5 else {
            throw Worse(description: "the next repair says \(again.findings)")
        }
        let after = try scene.readable(storage)
        guard after.keeps(before), after.broken.isEmpty else { throw Worse(description: "broken: \(after.broken)") }
        let third = try scene.repair(in: storage)
        guard third.code == 0 else { throw Worse(description: "a third repair finds \(third.findings)") }
    }
}
