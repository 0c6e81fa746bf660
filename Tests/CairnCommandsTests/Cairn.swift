// Runs the built binary, which lies beside the tests.
import ChildProcess
import Glibc
import Testing

/// The path of the binary.
let cairnPath = programFolder + "/cairn"

/// The path of the helper, which does in a process of its own what would disturb the one that runs the tests.
let helperPath = programFolder + "/ConsoleHelper"

/// The folder of the program that runs the tests.
private let programFolder: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let path = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
}()

/// Environment variables that keep a run away from the person who runs the tests.
let plainEnvironment = ["HOME": "/nonexistent"]

/// Runs `cairn` with words of text.
func cairn(
    _ words: String..., environment: [String: String] = [:], input: String = "", output: ChildProcess.Output = .captured
) throws -> ChildOutcome {
    let variables = plainEnvironment.merging(environment) { _, given in given }
    var child = ChildProcess(cairnPath, words, environment: variables)
    child.input = Array(input.utf8)
    child.output = output
    return try child.run()
}

/// A folder of a test's own, gone when the test is done.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/cairn-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw ChildFailure(reason: "mkdtemp: \(errno)") }
        path = String(cString: made)
    }

    deinit {
        _ = try? ChildProcess("/bin/rm", ["-rf", "--", path]).run()
    }

    /// Writes a file and returns its path.
    func file(_ name: String, _ content: String) throws -> String {
        let full = "\(path)/\(name)"
        guard let stream = fopen(full, "w") else { throw ChildFailure(reason: "fopen: \(errno)") }
        fputs(content, stream)
        fclose(stream)
        return full
    }

    /// Makes a folder and returns its path.
    func folder(_ name: String) -> String {
        mkdir("\(path)/\(name)", 0o700)
        return "\(path)/\(name)"
    }
}

extension ChildOutcome {
    /// The lines of standard error.
    var errorLines: [String] { errorText.split(separator: "\n").map(String.init) }
}
