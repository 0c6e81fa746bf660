import ChildProcess
import Posix
import TestSupport

/// A call by which a run changes a repository: the n-th of its name in one of the threads.
struct CallPoint: Hashable, CustomStringConvertible {
    let call: String
    let number: Int

    var description: String { "\(call) \(number)" }

    /// What becomes of it, in strace's words.
    enum Fate: String, CaseIterable {
        case killed = "signal=SIGKILL"
        case failing = "error=EIO"
        case full = "error=ENOSPC"
    }

    /// The calls that change what others see. Those that a machine does not have are passed over.
    private static let names = [
        "write", "pwrite64", "writev", "pwritev", "rename", "renameat", "renameat2", "link", "linkat", "mkdir",
        "mkdirat",
        "unlink", "unlinkat", "fsync", "fdatasync", "ftruncate", "fallocate", "copy_file_range",
    ]

    /// The words that make this call of a run fail or the last.
    func injection(_ fate: Fate) -> [String] {
        [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
            "inject=\(call):\(fate.rawValue):when=\(number)",
        ]
    }

    /// All that a run does, in no order, and how it ended; nil where nothing may be traced.
    static func all(in place: Place, _ words: [String]) throws -> (points: [CallPoint], run: Place.Run)? {
        guard ChildProcess.find("strace") != nil else { return nil }
        let list = place.path("calls")
        let trace = "trace=" + names.map { "?\($0)" }.joined(separator: ",")
        let run = try place.run(
            words, behind: ["strace", "-f", "-qq", "-y", "-s", "0", "-o", list.string, "-e", trace])
        if run.errorText.contains("PTRACE") { return nil }
        return (points(in: String(decoding: try list.content(), as: UTF8.self), below: place.repository), run)
    }

    /// The calls of a list that name something in a repository: `PID call(FD</path>, …`.
    private static func points(in list: String, below repository: Path) -> [CallPoint] {
        var counts: [Substring: [String: Int]] = [:]
        var points: Set<CallPoint> = []
        for line in list.split(separator: "\n") {
            let thread = line.prefix { $0 != " " }
            let call = String(line.dropFirst(thread.count).drop { $0 == " " }.prefix { $0 != "(" })
            guard names.contains(call) else { continue }
            counts[thread, default: [:]][call, default: 0] += 1
            guard line.contains("\(repository)/"), let number = counts[thread]?[call] else { continue }
            points.insert(CallPoint(call: call, number: number))
        }
        return points.sorted { ($0.call, $0.number) < ($1.call, $1.number) }
    }
}
