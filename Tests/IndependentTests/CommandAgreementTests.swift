// The command from end to end: what `cairn snapshot` stored, the independent reader and `cairn restore` lay out alike, and all three
// prove the same root as the folder itself.
import ChildProcess
import Glibc
import Independent
import Posix
import TestSupport
import Testing

@Suite(
    "Agreement with the command", .serialized,
    .enabled(if: IndependentReader.isExpected, Comment(rawValue: IndependentReader.isMissing)))
struct CommandAgreementTests {
    private let folder: TemporaryFolder
    private let repository: String

    init() throws {
        folder = try TemporaryFolder(onDisk: true)
        repository = folder.path.appending("repository").string
    }

    /// Runs the binary, which lies beside the tests; it must end well.
    private func cairn(_ words: String...) throws -> String {
        let program = try Folder.resolved("/proc/self/exe").parent.appending("cairn").string
        let places = ["--repo", repository, "--cache-dir", folder.path.appending("cache").string]
        let outcome = try ChildProcess(program, words + places, environment: ["HOME": "/nonexistent"]).run()
        #expect(outcome.code == 0, "\(words): \(outcome.errorText)")
        return outcome.outputText
    }

    /// The value of a field of text in the last line that has one.
    private func field(_ name: String, of json: String) -> String {
        let mark = "\"\(name)\":\""
        let line = json.split(separator: "\n").last { $0.contains(mark) } ?? ""
        return line.split(separator: mark).last.map { String($0.prefix { $0 != "\"" }) } ?? ""
    }

    @Test("a torture tree is stored, and restored by the reader and by the command, with one root")
    func torture() throws {
        let source = folder.path.appending("source")
        try Folder.make(source)
        _ = try TortureTree.make(in: source, asRoot: geteuid() == 0)
        let key = folder.path.appending("key").string
        _ = try cairn("init", "--new-key-file", key)
        let summary = try cairn("snapshot", "--json", "--key-file", key, source.string)
        let (id, root) = (field("snapshot_id", of: summary), field("root_hash", of: summary))
        #expect(id.count == 32 && root.count == 64, "\(summary)")

        let reader = IndependentReader(repository, key: ["--key-file", key])
        let target = folder.path.appending("by the reader")
        let outcome = try reader.run("restore", id, target.string)
        #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errorText)")
        let copy = Path(target.bytes + source.bytes)
        let differences = try TreeFacts.compare(source, copy)
        #expect(differences == [], "\(differences)")

        let second = folder.path.appending("by the command")
        _ = try cairn("restore", "--key-file", key, id, "--target", second.string)
        let secondCopy = Path(second.bytes + source.bytes)
        let secondDifferences = try TreeFacts.compare(source, secondCopy)
        #expect(secondDifferences == [], "\(secondDifferences)")

        #expect(try reader.run("merkle-tree", id).outputText == root + "\n")
        for tree in [source, copy, secondCopy] { #expect(try IndependentReader.merkle([tree]) == root) }

        // A second snapshot of what has not changed proves the same.
        let again = try cairn("snapshot", "--json", "--key-file", key, source.string)
        #expect(field("root_hash", of: again) == root && field("snapshot_id", of: again) != id)
        #expect(try reader.run("merkle-tree", field("snapshot_id", of: again)).outputText == root + "\n")
    }
}
