import ChunkStore
import Posix
import Storage
import TestSupport

/// One run of the scenario, step by step, with what it had promised after each.
struct Recording {
    let events: [StepRecorder.Event]
    private let progresses: [Scenario.Progress]

    /// Runs the scenario on a folder and writes down what it does there. It must reach its end.
    init(_ scenario: Scenario, on folder: Path, cache: Path) throws {
        let recorder = StepRecorder()
        var progresses = [Scenario.Progress()]
        var progress = Scenario.Progress()
        let storage = try LocalDirectory(folder, interceptor: recorder.interceptor)
        try scenario.run(on: storage, cache: cache, progress: &progress) { reached in
            recorder.mark("\(progresses.count)")
            progresses.append(reached)
        }
        events = recorder.events
        self.progresses = progresses
    }

    /// What had been promised when only the first so many events had happened.
    func progress(after count: Int) -> Scenario.Progress {
        for event in events[..<count].reversed() {
            if case .mark(let number) = event, let index = Int(number) { return progresses[index] }
        }
        return progresses[0]
    }

    /// The numbers of events after which a promise had just been made.
    var promises: [Int] {
        events.indices.compactMap { index in
            guard case .mark = events[index] else { return nil }
            return index + 1
        }
    }

    /// Whether the first so many events end when a file has got its name.
    func endsWithRename(_ count: Int) -> Bool {
        guard count > 0, case .step(.rename) = events[count - 1] else { return false }
        return true
    }

    /// For messages: the last step of the first so many events.
    func summary(of count: Int) -> String {
        for event in events[..<count].reversed() {
            if case .step(let step) = event { return "after \(count) events, the last to \(step.summary)" }
        }
        return "before the first step"
    }
}

/// Copies the catalog of a repository's earlier life, as the cache keeps it, to where the repository in this storage will
/// look for its own: it knows of packs that are not there.
func transplantCatalog(from cache: Path, to newCache: Path, for storage: LocalDirectory) throws {
    guard try storage.exists("config") else { return }
    let identity = try storage.identity(of: "config")
    for entry in try Folder.entries(of: cache) {
        let name = String(decoding: entry.name, as: UTF8.self)
        guard name.prefix(while: { $0 != "-" }).utf8.count == 32, name.contains("-") else { continue }
        let target = newCache.appending("\(name.prefix(32))-\(identity)")
        try Folder.make(target)
        for file in try Folder.entries(of: cache.appending(name)) where file.name.suffix(4) != Array("-shm".utf8)[...] {
            let content = try SmallFile.read(cache.appending(name).appending(Path(file.name)), limit: 64 << 20)
            try SmallFile.writeNew(target.appending(Path(file.name)), content)
        }
    }
}
