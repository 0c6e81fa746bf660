import ChunkStore
import Posix
import Storage

@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        let folder = Path(arguments[2])
        let place = Path(arguments[1])
        try Folder.makeAll(place)
        let key = try KeyFileText.make().credential
        let options = StoreOptions(
            cacheFolder: place.appending("cache"), memoryBytes: (arguments.count > 3 ? Int(arguments[3])! : 256) << 20)
        let repository = place.appending("repo")
        try LocalDirectory.makeFolder(repository)
        let store = try Store.create(
            in: LocalDirectory(repository), encryption: .aes256GCM, credentials: [key], options: options)
        let files = try PutTree.files(below: folder)
        for round in 0..<2 {
            let outcome = try PutTree.run(files, into: store, threads: 2)
            print(
                "round \(round): \(outcome.files) files, \(outcome.bytes / 1_000_000) MB in \(outcome.seconds) s = \(Double(outcome.bytes) / outcome.seconds / 1e9) GB/s",
                outcome.statistics)
            let ids = outcome.chunks.map(\.id)
            let start = Machine.monotonicNanoseconds
            let reader = try store.reader()
            let sum = Monitor(0)
            try reader.forEach(ids) { _, bytes in sum.withLock { $0 += bytes.count } }
            let seconds = Double(Machine.monotonicNanoseconds - start) / 1e9
            print(
                "  get \(sum.withLock { $0 } / 1_000_000) MB in \(seconds) s = \(Double(sum.withLock { $0 }) / seconds / 1e9) GB/s"
            )
        }
        let status = try SmallFile.read("/proc/self/status", limit: 10_000)
        print(String(decoding: status, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("VmHWM") })
    }
}
