import Posix

/// A command that changes a repository, and what must hold of it whatever becomes of a run.
enum InjectedCommand: String, CaseIterable {
    case forget, undelete, prune, tag
    case keyAdd = "key add"
    case keyPasswd = "key passwd"
    case keyRemove = "key remove"

    /// The command line, as it is run first, or again.
    func words(_ scene: InjectionScene, in place: Place, isAgain: Bool) -> [String] {
        switch self {
        case .forget: ["forget", "--json", scene.ids[0]]
        case .undelete: ["undelete", "--json", scene.forgotten]
        case .prune: ["prune", "--json", "--now", "--max-unused", "0"]
        case .tag: ["tag", "--json", "--add", "new", scene.ids[0]]
        // The file of a new key must be new.
        case .keyAdd: ["key", "add", "--new-key-file", place.path(isAgain ? "fourth" : "third").string]
        case .keyPasswd: ["key", "passwd", "--new-key-file", place.path(isAgain ? "fourth" : "third").string]
        case .keyRemove: ["key", "remove", scene.secondKey]
        }
    }

    /// What the short form tries too: of all failures, those with which an old key may be gone when its successor is taken for not made.
    func isDelicate(_ point: CallPoint, _ fate: CallPoint.Fate) -> Bool {
        self == .keyPasswd && point.call == "fsync" && fate == .failing
    }

    /// Throws unless the repository is as before the command or as after it; with `isDone`, as after it.
    func check(_ scene: InjectionScene, in place: Place, isDone: Bool) throws {
        let listed = try scene.listed(in: place)
        var (all, without) = (scene.ids, scene.ids)
        switch self {
        case .forget:
            without.removeFirst()
            let isForgotten = try scene.listed(in: place, forgotten: true).contains(scene.ids[0])
            guard listed.contains(scene.ids[0]) != isForgotten else {
                throw lost("neither there nor forgotten, or both")
            }
            (all, without) = (without, all)
        case .undelete:
            all = [scene.ids[0], scene.forgotten] + scene.ids.dropFirst()
            let isForgotten = try scene.listed(in: place, forgotten: true).contains(scene.forgotten)
            guard listed.contains(scene.forgotten) != isForgotten else {
                throw lost("neither there nor forgotten, or both")
            }
        default: break
        }
        guard Set(listed) == Set(all) || (!isDone && Set(listed) == Set(without)), listed.count == Set(listed).count
        else { throw lost("listed are \(listed)") }
        try scene.requireWhole(isFullSweep || isDone ? listed : Array(listed.suffix(1)), in: place)
        if isDone { try checkDone(scene, in: place) }
    }

    private func checkDone(_ scene: InjectionScene, in place: Place) throws {
        func opens(_ file: String) throws -> Bool { try place.run(["key", "list"], key: place.path(file)).code == 0 }
        let key = try scene.key(of: place)
        let isDone =
            switch self {
            case .forget, .undelete: true
            case .prune: try scene.listed(in: place, forgotten: true).isEmpty
            case .tag: try place.run(["snapshots", "--json", "--tag", "new"], key: key).output.contains(scene.ids[0])
            case .keyAdd: try opens("key") && (try opens("third") || opens("fourth"))
            case .keyPasswd: try !opens("key") && (try opens("third") || opens("fourth"))
            case .keyRemove: try opens("key") && !opens("second")
            }
        if !isDone { throw lost("it says that it is done, and it is not") }
    }

    /// What a run may say that finds everything done: the command line, and its exit code.
    func isDoneAlready(_ run: Place.Run) -> Bool {
        switch self {
        case .keyRemove: run.code == 1 && run.errorText.contains("no key")
        default: false
        }
    }

    private func lost(_ reason: String) -> InjectionScene.Failed { InjectionScene.Failed(reason) }
}
