import Cairn
import CairnMount
import ChunkStore
import Foundation
import Posix

/// Shows the snapshots of a host as folders until Ctrl-C, or until somebody unmounts.
///
///     snapshot-browser REPOSITORY FOLDER [HOST]
///
/// The key file of an encrypted repository is named by CAIRN_KEY_FILE.
@main
enum Main {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        guard 2...3 ~= words.count else { fail("usage: snapshot-browser REPOSITORY FOLDER [HOST]") }
        do {
            let store = try Store.open(at: Path(words[0]), credentials: credentials())
            var options = MountOptions()
            if words.count == 3 { options.filter.hosts = [words[2]] }
            let mount = try Mount(store, at: Path(words[1]), options: options) { say("\($0)") }
            let signals = unmountAtSignals(mount)
            defer { for signal in signals { signal.cancel() } }
            say("snapshots are at \(mount.folder)")
            try mount.run()
        } catch {
            fail("\(error)")
        }
    }

    private static func credentials() -> [Credential] {
        guard let file = ProcessInfo.processInfo.environment["CAIRN_KEY_FILE"] else { return [] }
        guard let text = FileManager.default.contents(atPath: file), let key = KeyFileText.parse([UInt8](text)) else {
            fail("\(file) is no key file")
        }
        return [key]
    }

    /// Unmounts at SIGINT and SIGTERM; then `run` comes back.
    private static func unmountAtSignals(_ mount: Mount) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                do {
                    if case .detached(let users) = try mount.unmount() { say("still in use: \(users)") }
                } catch { say("\(error)") }
            }
            source.resume()
            return source
        }
    }

    private static func say(_ message: String) {
        FileHandle.standardError.write(Data("snapshot-browser: \(message)\n".utf8))
    }

    private static func fail(_ message: String) -> Never {
        say(message)
        exit(1)
    }
}
