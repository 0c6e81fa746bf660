import Cairn
import ChunkStore
import Foundation
import Posix

/// Takes a snapshot of a folder, with progress and a clean end at Ctrl-C, restores it somewhere else, and says what changed since the last time.
///
///     folder-backup REPOSITORY KEY-FILE FOLDER TARGET
@main
enum Main {
    static func main() {
        let words = CommandLine.arguments.dropFirst().map { Path($0) }
        guard words.count == 4 else { fail("usage: folder-backup REPOSITORY KEY-FILE FOLDER TARGET") }
        do {
            let store = try open(words[0], keyFile: words[1])
            let snapshot = try takeSnapshot(of: words[2], into: store)
            try restore(snapshot, folder: words[2], to: words[3], from: store)
        } catch {
            fail("\(error)")
        }
    }

    /// Opens the repository with the key in a file. The first time, both are made: whoever has the two can read everything, and without the file nobody
    /// can, so a copy of it belongs elsewhere.
    private static func open(_ folder: Path, keyFile: Path) throws -> Store {
        var options = StoreOptions()
        options.memoryBytes = 128 << 20
        if let text = FileManager.default.contents(atPath: keyFile.string) {
            guard let credential = KeyFileText.parse([UInt8](text)) else { fail("\(keyFile) is no key file") }
            return try Store.open(at: folder, credentials: [credential], options: options)
        }
        let key = try KeyFileText.make()
        guard
            FileManager.default.createFile(
                atPath: keyFile.string, contents: Data(key.text), attributes: [.posixPermissions: 0o600])
        else { fail("\(keyFile) cannot be written") }
        return try Store.create(at: folder, encryption: .aes256GCM, credentials: [key.credential], options: options)
    }

    private static func takeSnapshot(of folder: Path, into store: Store) throws -> Snapshot {
        var request = SnapshotRequest(paths: [folder], engineVersion: "folder-backup 1")
        request.tags = ["example"]
        // A repository inside of the folder would grow with every snapshot of itself.
        request.avoided = [Path(store.location)]

        let progress = OperationProgress()
        let cancellation = Cancellation()
        let signals = cancelAtInterrupt(cancellation)
        let display = show(progress)
        defer {
            display.cancel()
            signals.cancel()
        }
        let outcome = try SnapshotTaking(store, request).run(progress: progress, cancellation: cancellation) {
            failure in
            say("could not be read: \(failure)")
        }
        guard let snapshot = outcome.snapshot else { fail("no snapshot was made") }
        let statistics = outcome.statistics
        print(
            "snapshot \(snapshot.id.short): \(statistics.files.new) new files, \(statistics.files.changed) changed,",
            "\(statistics.dataAddedStored) bytes stored", outcome.isIncomplete ? "(incomplete)" : "")
        return snapshot
    }

    private static func restore(_ snapshot: Snapshot, folder: Path, to target: Path, from store: Store) throws {
        let reader = try store.reader(for: "restore")
        defer { reader.close() }
        let trees = TreeReader(reader)
        let path = try Folder.absolute(folder)
        guard let entry = try trees.entry(at: path, below: trees.root(snapshot.manifest.tree)) else {
            fail("\(path) is not in the snapshot")
        }
        var request = RestoreRequest(entry: entry, path: path, target: target)
        request.verifies = true
        let summary = try Restoration(reader, request).run { failure in say("could not be restored: \(failure)") }
        print("restored \(summary.filesRestored) files, \(summary.filesUnchanged) were there, \(summary.errors) errors")
    }

    // MARK: Progress and interruptions

    /// Shows progress twice a second until it is cancelled.
    private static func show(_ progress: OperationProgress) -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + 0.5, repeating: 0.5)
        timer.setEventHandler {
            let now = progress.snapshot
            say("\(now.phase): \(now.filesDone) files, \(now.bytesDone) bytes")
        }
        timer.resume()
        return timer
    }

    /// Lets the first Ctrl-C end the snapshot. What was stored until then is used by the next one.
    private static func cancelAtInterrupt(_ cancellation: Cancellation) -> any DispatchSourceSignal {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { cancellation.cancel() }
        source.resume()
        return source
    }

    private static func say(_ message: String) {
        FileHandle.standardError.write(Data("folder-backup: \(message)\n".utf8))
    }

    private static func fail(_ message: String) -> Never {
        say(message)
        exit(1)
    }
}
