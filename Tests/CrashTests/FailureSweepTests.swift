import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

@Suite("Whichever call fails, nothing is lost")
struct FailureSweepTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let errno: Errno
        let reach: StepFault.Reach
        let isEncrypted: Bool

        /// Each in turn, or, where another sweep takes all and time is short, some.
        var points: StrideTo<Int> {
            stride(from: 1, to: .max, by: isFullSweep || (reach == .once && isEncrypted) ? 1 : 3)
        }

        var code: StoreError.Code { errno == .noSpace ? .full : .storage }
        var testDescription: String { "\(errno), \(reach), \(isEncrypted ? "encrypted" : "plain")" }

        static let all: [Case] = [true, false].flatMap { isEncrypted in
            [
                Case(errno: .inputOutput, reach: .once, isEncrypted: isEncrypted),
                Case(errno: .inputOutput, reach: .onward, isEncrypted: isEncrypted),
                Case(errno: .noSpace, reach: .onward, isEncrypted: isEncrypted),
            ]
        }
        static let quick = [all[0], all[4], all[2]]
    }

    @Test(
        "a step of the disk that fails costs nothing that was committed", arguments: isFullSweep ? Case.all : Case.quick
    )
    func steps(_ sweep: Case) throws {
        let scenario = Scenario(isEncrypted: sweep.isEncrypted)
        var failures: [String] = []
        for number in sweep.points {
            let (folder, cache) = (try TemporaryFolder(), try TemporaryFolder())
            let fault = StepFault(at: number, sweep.errno, sweep.reach)
            let storage = try LocalDirectory(folder.path, interceptor: fault.interceptor)
            var progress = Scenario.Progress()
            let error = Watchdog.watch("the scenario with step \(number) failing") {
                outcome { () throws(StoreError) in
                    try scenario.run(on: storage, cache: cache.path, progress: &progress)
                }
            }
            guard let step = fault.failed else {
                if let error { failures.append("without a fault: \(error)") }
                return report(failures, of: number - 1, "steps that fail with \(sweep.testDescription)")
            }
            checking("step \(number), \(step.summary)", &failures) {
                if let error { try expectTold(error, code: sweep.code, within: folder.path) }
                let healed = try LocalDirectory(folder.path)
                try Watchdog.watch("the aftermath of step \(number)") {
                    try scenario.expectKept(progress, on: healed)
                    try scenario.expectCarriesOn(progress, on: healed, cache: cache.path)
                }
            }
        }
    }

    @Test(
        "a call of the storage that fails, looking or changing, costs nothing that was committed",
        arguments: [
            (true, true), (false, false),
        ])
    func calls(isEncrypted: Bool, isOnce: Bool) throws {
        let scenario = Scenario(isEncrypted: isEncrypted)
        var failures: [String] = []
        for number in stride(from: 1, to: Int.max, by: isFullSweep || isOnce ? 1 : 3) {
            let memory = MemoryStorage()
            let cache = try TemporaryFolder()
            let storage = FailingStorage(memory, isOnce ? .only(number) : .from(number))
            var progress = Scenario.Progress()
            let error = Watchdog.watch("the scenario with call \(number) failing") {
                outcome { () throws(StoreError) in
                    try scenario.run(on: storage, cache: cache.path, progress: &progress)
                }
            }
            guard storage.isReached else {
                if let error { failures.append("without a fault: \(error)") }
                return report(failures, of: number - 1, "calls that fail, \(isOnce ? "one" : "and all later ones")")
            }
            checking("call \(number)", &failures) {
                if let error { try expectTold(error, code: .storage, within: Path(memory.location)) }
                try Watchdog.watch("the aftermath of call \(number)") {
                    try scenario.expectKept(progress, on: memory)
                    try scenario.expectCarriesOn(progress, on: memory, cache: cache.path)
                }
            }
        }
    }

    private func outcome(_ body: () throws(StoreError) -> Void) -> StoreError? {
        do throws(StoreError) {
            try body()
            return nil
        } catch { return error }
    }

    /// The error says what kind it is, where, and why.
    private func expectTold(_ error: StoreError, code: StoreError.Code, within place: Path) throws {
        guard error.code == code else { throw Broken("the code is \"\(error.code)\" and not \"\(code)\": \(error)") }
        guard let path = error.path, path.hasPrefix(place.string) else { throw Broken("no path is named: \(error)") }
        guard error.message.contains("made to fail") else { throw Broken("the cause is not named: \(error)") }
        if code == .full && error.remedy == nil { throw Broken("no remedy is named: \(error)") }
    }
}
