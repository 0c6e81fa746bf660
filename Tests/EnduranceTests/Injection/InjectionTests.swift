import Posix
import TestSupport
import Testing

@Suite("Calls of the system that fail, or are the last", .serialized)
struct InjectionTests {
    @Test("whatever call kills or fails a run that changes what is kept, nothing is lost and the next run ends it")
    func sweep() throws {
        let scene = try InjectionScene()
        for command in InjectedCommand.allCases {
            let place = try Place(copying: scene.place)
            let words = command.words(scene, in: place, isAgain: false)
            guard let (points, run) = try CallPoint.all(in: place, words) else {
                return print("not tested: strace is missing (apt install strace), or nothing may be traced here")
            }
            #expect(run.code == 0, "\(command.rawValue): \(run.errorText)")
            try command.check(scene, in: place, isDone: true)
            #expect(points.count > 1, "\(command.rawValue) changes next to nothing: \(points)")
            let cases = points.flatMap { point in CallPoint.Fate.allCases.map { (point, $0) } }
            var complaints: [String] = []
            for (number, (point, fate)) in cases.enumerated()
            where Self.isTried(number, of: cases.count) || command.isDelicate(point, fate) {
                do { try hit(point, fate, command, scene) } catch {
                    complaints.append("\(command.rawValue), \(point), \(fate): \(error)")
                }
            }
            #expect(complaints == [])
            if isFullSweep { print("\(command.rawValue): \(cases.count) faults at \(points.count) calls") }
        }
    }

    /// The short form tries a few of each, spread over all.
    private static func isTried(_ number: Int, of count: Int) -> Bool {
        let few = 3
        return isFullSweep || count <= few || number * few / count != (number - 1) * few / count || number == 0
    }

    private func hit(
        _ point: CallPoint, _ fate: CallPoint.Fate, _ command: InjectedCommand, _ scene: InjectionScene
    ) throws {
        let place = try Place(copying: scene.place)
        let run = try Watchdog.watch("\(command.rawValue), \(point), \(fate)") {
            try place.run(
                command.words(scene, in: place, isAgain: false), behind: point.injection(fate))
        }
        let isExpected = fate == .killed ? [0, 128 + 9].contains(run.code) : [0, 1].contains(run.code)
        guard isExpected, run.code != 1 || !run.errorText.isEmpty else {
            throw InjectionScene.Failed("exit \(run.code): \(run.errorText)")
        }
        try command.check(scene, in: place, isDone: run.code == 0)
        let again = try place.run(command.words(scene, in: place, isAgain: true), key: try scene.key(of: place))
        guard again.code == 0 || command.isDoneAlready(again) else {
            throw InjectionScene.Failed("run again: exit \(again.code): \(again.errorText)")
        }
        try command.check(scene, in: place, isDone: true)
        try scene.requirePrunable(place)
        // Forgotten ones are given up now, and what is listed needs nothing of what went with them.
        try scene.requireWhole(scene.listed(in: place), in: place)
        let whole = try place.run(["check", "--read-data"], key: try scene.key(of: place))
        guard whole.code == 0 else { throw InjectionScene.Failed("check: exit \(whole.code): \(whole.output)") }
    }
}
