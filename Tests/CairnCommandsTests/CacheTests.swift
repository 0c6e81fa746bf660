import ChildProcess
import Glibc
import Testing

@Suite("The cache")
struct CacheTests {
    static let id = "00112233445566778899aabbccddeeff"

    @Test("the folder is the option's, else the variable's, else the user's")
    func location() throws {
        func path(_ words: String..., environment: [String: String]) throws -> String {
            let outcome = try ChildProcess(cairnPath, ["cache"] + words, environment: environment).run()
            #expect(outcome.code == 0, "\(outcome.errorText)")
            return outcome.outputText.split(separator: "\n").first.map(String.init) ?? ""
        }
        let all = ["HOME": "/nonexistent/h", "XDG_CACHE_HOME": "/nonexistent/x", "CAIRN_CACHE_DIR": "/nonexistent/c"]
        #expect(try path("--cache-dir=/nonexistent/o", environment: all) == "/nonexistent/o")
        #expect(try path(environment: all) == "/nonexistent/c")
        #expect(try path(environment: all.filter { $0.key != "CAIRN_CACHE_DIR" }) == "/nonexistent/x/cairn")
        #expect(try path(environment: ["HOME": "/nonexistent/h"]) == "/nonexistent/h/.cache/cairn")
        let relative = ["HOME": "/nonexistent/h", "XDG_CACHE_HOME": "relative"]
        #expect(try path(environment: relative) == "/nonexistent/h/.cache/cairn")
    }

    @Test(
        "where nobody has named one, and the usual place cannot be written to, a temporary one that is the user's alone takes its place"
    )
    func temporary() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("note", "x")
        let home = "\(folder.path)/home"
        #expect(mkdir(home, 0o555) == 0)
        // Root may write whatever the mode, though not where the file system is read-only.
        guard geteuid() != 0 || mount("cairn-test", home, "tmpfs", UInt(MS_RDONLY), "size=1m") == 0 else {
            try Test.cancel("cannot mount a file system here")
        }
        defer { if geteuid() == 0 { umount(home) } }
        let environment = ["HOME": home, "TMPDIR": folder.path]
        let key = "\(folder.path)/key"
        func run(_ words: String...) throws -> ChildOutcome {
            try ChildProcess(cairnPath, words + ["-r", "\(folder.path)/r"], environment: environment).run()
        }
        let made = try run("init", "--new-key-file", key)
        #expect(made.code == 0, "\(made.errorText)")
        let cache = "\(folder.path)/cairn-cache-\(geteuid())"
        let told =
            "warning: the cache cannot be kept in \(home)/.cache/cairn, which cannot be written to; it is in \(cache) for now"
        for _ in 0..<2 {
            // The whole folder, with the cache in it: that is passed by.
            let outcome = try run("snapshot", folder.path, "--key-file", key)
            #expect(outcome.code == 0)
            #expect(outcome.errorLines.contains(told), "\(outcome.errorText)")
        }
        let listed: String = try run("ls", "latest", "--key-file", key).outputText
        #expect(listed.contains("/note\n"), "\(listed)")
        #expect(!listed.contains("sqlite"), "\(listed)")
        _ = try ChildProcess("/bin/chmod", ["755", cache]).run()
        let shared = try run("snapshots", "--key-file", key)
        #expect(shared.code == 1)
        #expect(
            shared.errorLines == [
                "cairn: the cache cannot be kept in \(home)/.cache/cairn, and \(cache) is not yours alone",
                "hint: name a folder that you may write to: --cache-dir",
            ])
    }

    @Test("a place that cannot hold a cache is a usage error that names the option or the variable")
    func unusable() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("file", "x")
        let link = "\(folder.path)/link"
        _ = try ChildProcess("/bin/ln", ["-s", "nothing", link]).run()
        let words = ["init", "-r", "\(folder.path)/r", "--encryption", "none"]
        let cases: [(String, String, onlyWhenUsed: Bool)] = [
            (file, "it is there, and is no folder", false),
            ("\(file)/below/it", "\(file), above it, is no folder", false),
            (link, "it is a link that leads to nothing", false),
            ("\(link)/below", "\(link), above it, is a link that leads to nothing", false),
            ("/proc/cairn/cache", "the file system of /proc does not let folders be made", true),
        ]
        for (place, reason, onlyWhenUsed) in cases {
            for words in [words, ["cache"]] where words != ["cache"] || !onlyWhenUsed {
                let option = try ChildProcess(cairnPath, words + ["--cache-dir", place], environment: plainEnvironment)
                    .run()
                #expect(option.code == 2)
                #expect(
                    option.errorLines.first == "cairn: invalid value \"\(place)\" for --cache-dir: \(reason)")
                let variables = plainEnvironment.merging(["CAIRN_CACHE_DIR": place]) { $1 }
                let variable = try ChildProcess(cairnPath, words, environment: variables).run()
                #expect(variable.code == 2)
                #expect(
                    variable.errorLines.first
                        == "cairn: invalid value \"\(place)\" in the environment variable CAIRN_CACHE_DIR: \(reason)")
            }
        }
        let empty = try cairn("cache", "--cache-dir", "")
        #expect(empty.code == 2)
        #expect(empty.errorLines.first == "cairn: invalid value \"\" for --cache-dir: it is empty")
        #expect(try ChildProcess("/bin/ls", [folder.path]).run().outputText == "file\nlink\n")
        // A relative one is as good as any, and is made.
        let script = "cd \(folder.path) && CAIRN_CACHE_DIR=deep/cache \"$0\" \"$@\""
        let made = try ChildProcess("/bin/sh", ["-c", script, cairnPath] + words, environment: plainEnvironment).run()
        #expect(made.code == 0, "\(made.errorText)")
        #expect(try ChildProcess("/bin/ls", ["\(folder.path)/deep/cache"]).run().code == 0)
    }

    @Test("sizes are shown for each repository, for people and for programs")
    func sizes() throws {
        let folder = try TemporaryFolder()
        _ = folder.folder(Self.id)
        _ = try folder.file("\(Self.id)/catalog", String(repeating: "x", count: 2048))
        let text = try cairn("cache", "--cache-dir", folder.path).outputText
        #expect(text == "\(folder.path)\n  \(Self.id)  2 KiB\nin all 2 KiB\n")
        #expect(
            try cairn("cache", "--cache-dir", folder.path, "--json").outputText == """
                {"path":"\(folder.path)","bytes":2048,"repositories":[{"name":"\(Self.id)","bytes":2048}],"cleared":false}

                """)
    }

    @Test("clearing removes the folders of repositories, follows no link and touches nothing else")
    func clear() throws {
        let folder = try TemporaryFolder()
        let cache = folder.folder("cache")
        let mine = folder.folder("mine")
        let precious = try folder.file("mine/precious", "x")
        _ = folder.folder("cache/\(Self.id)-1")
        _ = folder.folder("cache/\(Self.id)-1/deep")
        _ = try folder.file("cache/\(Self.id)-1/deep/journal", "x")
        _ = folder.folder("cache/Documents")
        _ = try folder.file("cache/Documents/letter", "x")
        let link = "ln -s \(mine) \(cache)/\(Self.id)-2; ln -s \(mine) \(cache)/\(Self.id)-1/link"
        _ = try ChildProcess("/bin/sh", ["-c", link]).run()
        #expect(try cairn("cache", "--clear", "--cache-dir", cache).outputText.hasSuffix("removed 1 B\n"))
        let left = try ChildProcess("/bin/ls", [cache]).run().outputText
        #expect(left == "\(Self.id)-2\nDocuments\n")
        #expect(try ChildProcess("/bin/cat", [precious, "\(cache)/Documents/letter"]).run().outputText == "xx")
    }

    @Test("clearing what others use or clear at the same time is no failure")
    func clearTogether() throws {
        let folder = try TemporaryFolder()
        let script = """
            cd "$1" && mkdir \(Self.id)-1 && (cd \(Self.id)-1 && seq 3000 | xargs touch)
            for run in 1 2 3; do { "$0" cache --clear --cache-dir . > /dev/null || echo failed; } & done; wait
            """
        for _ in 0..<3 {
            let outcome = try ChildProcess("/bin/sh", ["-c", script, cairnPath, folder.path]).run()
            #expect(outcome.outputText.isEmpty, "\(outcome.errorText)")
        }
    }
}
