import ChildProcess
import Posix
import TestSupport

@testable import Cairn

/// A tree as an archive in a file, and the programs of the system that read it.
struct Archive {
    let folder: TemporaryFolder
    let bytes: [UInt8]
    private(set) var skipped: [String] = []

    var path: String { "\(folder.path.string)/archive" }

    init(_ sketch: TreeSketch, _ format: TreeExport.Format, at part: Path = "/", lookAheadBytes: Int = 1 << 20) throws {
        folder = try TemporaryFolder(onDisk: true)
        let (reader, roots) = try SketchRepository().read(sketch)
        guard let top = try reader.entry(at: part, below: roots[0]) else { throw ChildFailure(reason: "no \(part)") }
        var collected: [UInt8] = []
        var skipped: [String] = []
        try withoutActuallyEscaping({ (piece: UnsafeRawBufferPointer) throws(CairnError) in collected += piece }) {
            try TreeExport(reader, format: format, lookAheadBytes: lookAheadBytes).run(
                top, skipped: { name, reason in skipped.append("\(Path(name)): \(reason)") }, write: $0)
        }
        (bytes, self.skipped) = (collected, skipped)
        let file = try FileDescriptor.open(folder.path.appending("archive"), [.write, .create], mode: 0o600)
        try collected.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
    }

    /// What a shell script prints; it runs in the folder, where the archive has that name, and must not fail.
    func run(_ script: String) throws -> String {
        let outcome = try ChildProcess(
            "/bin/sh", ["-ec", "cd \"$1\"; \(script)", "sh", folder.path.string],
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C.UTF-8"]
        ).run()
        guard outcome.code == 0, outcome.errors.isEmpty else {
            throw ChildFailure(reason: "\(script): \(outcome.code) \(outcome.errorText)")
        }
        return outcome.outputText
    }

    /// What a Python program prints.
    func python(_ program: String) throws -> String { try run("python3 - <<'END'\n\(program)\nEND") }
}
