import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@Suite("Whenever the power fails, what was committed stays")
struct PowerLossTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let loss: DiskModel.Loss
        /// Every step, or every so many.
        let stride: Int
        var isEncrypted = true

        var testDescription: String { "\(loss), \(isEncrypted ? "encrypted" : "plain")" }

        static let quick = [
            Case(loss: .all, stride: 1), Case(loss: .nothing, stride: 2), Case(loss: .some(seed: 1), stride: 2),
            Case(loss: .content, stride: 5), Case(loss: .contentToZeros, stride: 5, isEncrypted: false),
        ]
        static let full = [true, false].flatMap { isEncrypted in
            ([.all, .nothing, .content, .contentToZeros] + (1...8).map { .some(seed: $0 * 1_000) }).map {
                Case(loss: $0, stride: 1, isEncrypted: isEncrypted)
            }
        }
    }

    @Test("after each step of the scenario, with what a disk may lose", arguments: isFullSweep ? Case.full : Case.quick)
    func powerLoss(_ sweep: Case) throws {
        let scenario = Scenario(isEncrypted: sweep.isEncrypted)
        let (folder, cache) = (try TemporaryFolder(), try TemporaryFolder())
        let recording = try Recording(scenario, on: folder.path, cache: cache.path)
        let disk = DiskModel()
        var failures: [String] = []
        var points = 0
        var last: (remains: DiskModel.Remains, roots: Int)?
        for count in 0...recording.events.count {
            if count > 0 { try disk.apply(recording.events[count - 1]) }
            guard count.isMultiple(of: sweep.stride) || count == recording.events.count else { continue }
            var loss = sweep.loss
            if case .some(let seed) = loss { loss = .some(seed: seed &+ UInt64(count)) }
            let progress = recording.progress(after: count)
            let remains = disk.remains(loss)
            // Most steps change nothing that would survive.
            if let last, last == (remains, progress.roots.count) { continue }
            last = (remains, progress.roots.count)
            points += 1
            checking(recording.summary(of: count), &failures) {
                try Watchdog.watch("the aftermath of a power cut \(recording.summary(of: count))") {
                    try expectSurvives(
                        scenario, progress, remains, oldCache: points.isMultiple(of: 2) ? cache.path : nil)
                }
            }
        }
        report(failures, of: points, "power cuts with \(sweep.testDescription)")
    }

    private func expectSurvives(
        _ scenario: Scenario, _ progress: Scenario.Progress, _ remains: DiskModel.Remains, oldCache: Path?
    ) throws {
        let (folder, cache) = (try TemporaryFolder(), try TemporaryFolder())
        try remains.write(to: folder.path)
        let storage = try LocalDirectory(folder.path)
        if let oldCache { try transplantCatalog(from: oldCache, to: cache.path, for: storage) }
        try scenario.expectKept(progress, on: storage)
        try scenario.expectCarriesOn(progress, on: storage, cache: cache.path)
    }

    /// What a killed process leaves in the kernel's memory looks whole to the next one, and is not durable: that one may not
    /// build on it unawares.
    @Test(
        "a run that follows a killed one commits nothing that a power cut could still take", arguments: [true, false])
    func killedThenPowerLoss(isEncrypted: Bool) throws {
        let scenario = Scenario(isEncrypted: isEncrypted)
        let (folder, cache) = (try TemporaryFolder(), try TemporaryFolder())
        let first = try Recording(scenario, on: folder.path, cache: cache.path)
        var failures: [String] = []
        var points = 0
        // In short: each name that was given and not made durable, and some other moments.
        for count in 0...first.events.count
        where isFullSweep || first.endsWithRename(count) || count.isMultiple(of: isEncrypted ? 6 : 9) {
            points += 1
            checking("killed \(first.summary(of: count))", &failures) {
                try Watchdog.watch("the run after a kill \(first.summary(of: count))") {
                    try expectDurableAfterKill(scenario, first, count)
                }
            }
        }
        report(failures, of: points, "kills, each with a power cut after the next run")
    }

    private func expectDurableAfterKill(_ scenario: Scenario, _ first: Recording, _ count: Int) throws {
        let disk = try DiskModel(first.events[..<count])
        let (folder, cache) = (try TemporaryFolder(), try TemporaryFolder())
        try disk.remains(.nothing).write(to: folder.path)
        let second = try Recording(scenario, on: folder.path, cache: cache.path)
        var done = 0
        for promise in second.promises {
            for event in second.events[done..<promise] { try disk.apply(event) }
            done = promise
            let roots = first.progress(after: count).roots + second.progress(after: promise).roots
            // Opening what was there already promises nothing.
            if roots.isEmpty { continue }
            let remaining = try TemporaryFolder()
            try disk.remains(.all).write(to: remaining.path)
            try expectHealthy(LocalDirectory(remaining.path), credentials: scenario.credentials, roots: roots)
        }
    }
}
