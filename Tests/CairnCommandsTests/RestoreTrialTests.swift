import ChildProcess
import Glibc
import Testing

/// Whether tests may do what only root can.
private let isRoot = geteuid() == 0

/// What a script prints, with the folder's repository of two snapshots: `s` has `big` in the first, and `fine.txt` beside it in the second.
private func scene() throws -> BrowsingScene {
    try BrowsingScene("head -c 300000 /dev/urandom > big", "printf fine > fine.txt")
}

extension BrowsingScene {
    /// Restores the newest snapshot of `s` into `t`; the script sees `cairn` and `restore`.
    fileprivate func trial(_ script: String) throws -> [String] {
        let restore = "restore() { cairn restore latest:\(source) --target \"$@\" 2>&1; }"
        let cairn = "cairn() { \(cairnPath) \"$@\"; }"
        return try shell("\(cairn); \(restore); \(script)").split(separator: "\n").map(String.init)
    }
}

@Suite("cairn restore where not all goes well")
struct RestoreTrialTests {
    @Test("a damaged pack costs the files in it alone: they are named, the exit code is 5", arguments: [true, false])
    func damage(isGone: Bool) throws {
        let scene = try scene()
        let harm =
            isGone ? "rm $pack" : "head -c 200000 /dev/zero | dd of=$pack bs=1000 seek=50 conv=notrunc status=none"
        let lines = try scene.trial(
            """
            pack=$(find r/packs -type f -size +200k); chmod u+w $pack; \(harm)
            restore t || echo code $?; ls t; cat t/fine.txt
            """)
        #expect(lines.contains { $0.hasPrefix("lost: ") && $0.hasSuffix(" t/big") || $0 == "lost: t/big" }, "\(lines)")
        #expect(lines.count { $0.hasPrefix("error: ") && $0.contains("/packs") } == 1, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("\"cairn repair --from COPY\"") }, "\(lines)")
        #expect(lines.suffix(3) == ["code 5", "fine.txt", "fine"], "\(lines)")
    }

    @Test("a program that is being run is replaced, and goes on running")
    func running() throws {
        let scene = try BrowsingScene("cp /bin/sleep tool", "printf more >> tool")
        let lines = try scene.trial(
            """
            restore t -q; truncate -s -4 t/tool; t/tool 60 & child=$!; trap "kill $child" EXIT
            restore t -q; cmp s/tool t/tool; kill -0 $child && echo runs; ls -A t
            """)
        #expect(lines == ["runs", "tool"])
    }

    @Test("an immutable file is named, the rest comes back", .enabled(if: isRoot))
    func immutable() throws {
        let scene = try scene()
        let lines = try scene.trial(
            """
            restore t -q; printf mine > t/fine.txt; truncate -s 5 t/big
            chattr +i t/fine.txt 2>/dev/null || { echo unable; exit 0; }
            trap "chattr -i t/fine.txt" EXIT
            restore t || echo code $?; cat t/fine.txt; cmp s/big t/big && echo; echo same
            """)
        // Not every file system knows the flag.
        if lines == ["unable"] { return print("chattr does not work here: nothing was tested") }
        #expect(lines.contains { $0.contains(" t/fine.txt: ") && $0.contains("immutable") }, "\(lines)")
        #expect(lines.contains("code 1") && lines.suffix(2) == ["mine", "same"], "\(lines)")
    }

    @Test("a full disk stops the restore and says so; with more room the next one carries on", .enabled(if: isRoot))
    func full() throws {
        let scene = try BrowsingScene(
            "for n in 1 2 3 4 5; do head -c 300000 /dev/urandom > $n; done; mkdir d; printf x > d/x")
        let script = """
            cairn() { \(cairnPath) "$@"; }
            restore() { cairn restore latest:\(scene.source) --target "$@" 2>&1; }
            mkdir t; mount -t tmpfs -o size=1m none t || { echo unable; exit 0; }
            restore t || echo code $?
            for n in t/*; do test ! -f $n || cmp -s $n s/${n#t/} || stat -c "%a %n" $n; done
            echo next; mount -o remount,size=8m t; restore t -q; diff -r s t && echo same
            """
        try scene.shell("cat > script <<'END'\n\(script)\nEND")
        let lines = try scene.shell("unshare -m sh -e script").split(separator: "\n").map(String.init)
        if lines == ["unable"] { return print("nothing can be mounted here: nothing was tested") }
        #expect(lines.contains { $0.contains("no space is left") && $0.contains(": t/") }, "\(lines)")
        #expect(lines.contains { $0.contains("run the same again") } && lines.contains("code 1"), "\(lines)")
        #expect(lines.last == "same", "\(lines)")
        // Whatever is not whole nobody else may read.
        let unfinished = lines.drop { $0 != "code 1" }.dropFirst().prefix { $0 != "next" }
        #expect(unfinished.allSatisfy { $0.hasPrefix("600 ") }, "\(lines)")
    }

    /// Files of several owners, one that is run with its owner's rights, and a device.
    private func foreign() throws -> BrowsingScene {
        let scene = try BrowsingScene(
            "printf 1 > a; printf 2 > b; chown 12:34 a b; chmod 6755 b; mknod zero c 1 5; mkdir d; chown 12 d")
        try scene.shell("mkdir u; chmod -R a+rX .; chown 65534:65534 u")
        return scene
    }

    private static let asNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"

    @Test("what a plain user may not set is one warning by kind, and the exit code 0", .enabled(if: isRoot))
    func plainUser() throws {
        let scene = try foreign()
        let lines = try scene.shell(
            """
            export CAIRN_CACHE_DIR=$PWD/u/c
            \(Self.asNobody) \(cairnPath) restore latest:\(scene.source) --target u/t 2>&1; echo code $?
            stat -c "%n %a %u" u/t/*
            """
        ).split(separator: "\n").map(String.init)
        #expect(
            lines.count { $0.contains("the owners of 4 files and folders could not be set: run as root") } == 1,
            "\(lines)")
        #expect(lines.count { $0.contains("1 device file could not be made: run as root") } == 1, "\(lines)")
        #expect(
            lines.count { $0.contains("1 file would run with another owner's rights, so its set-ID bits") } == 1,
            "\(lines)")
        #expect(!lines.contains { $0.contains("u/t/a: ") } && lines.contains("code 0"), "\(lines)")
        #expect(lines.suffix(3) == ["u/t/a 644 65534", "u/t/b 755 65534", "u/t/d 755 65534"], "\(lines)")
    }

    @Test("below a folder that is somebody else's each name that cannot be made is told", .enabled(if: isRoot))
    func folderOfAnother() throws {
        let scene = try BrowsingScene("mkdir d; printf 1 > a; printf 2 > d/x; printf 3 > d/y")
        let lines = try scene.shell(
            """
            mkdir -p u/t/d; chmod -R a+rX .; chown 65534:65534 u u/t; chmod 555 u/t/d; export CAIRN_CACHE_DIR=$PWD/u/c
            \(Self.asNobody) \(cairnPath) restore latest:\(scene.source) --target u/t 2>&1 || echo code $?; cat u/t/a
            """
        ).split(separator: "\n").map(String.init)
        for name in ["x", "y"] {
            #expect(lines.count { $0.contains("u/t/d/\(name): open: Permission denied") } == 1, "\(lines)")
        }
        #expect(lines.contains { $0.contains("belong to somebody else") }, "\(lines)")
        #expect(lines.suffix(2) == ["code 1", "1"], "\(lines)")
    }

    @Test("the superuser of a user namespace gets the same warnings", .enabled(if: isRoot))
    func container() throws {
        let scene = try foreign()
        let lines = try scene.shell(
            """
            export CAIRN_CACHE_DIR=$PWD/u/c
            \(Self.asNobody) unshare -r true 2>/dev/null || { echo unable; exit 0; }
            \(Self.asNobody) unshare -r \(cairnPath) restore latest:\(scene.source) --target u/t 2>&1; echo code $?
            """
        ).split(separator: "\n").map(String.init)
        if lines == ["unable"] { return print("there are no user namespaces here: nothing was tested") }
        #expect(
            lines.count { $0.contains("owners of 3 files and folders could not be set: not even root") } == 1,
            "\(lines)")
        #expect(lines.count { $0.contains("1 device file could not be made: not even root") } == 1, "\(lines)")
        #expect(!lines.contains { $0.contains("u/t/a: ") } && lines.contains("code 0"), "\(lines)")
    }

    @Test("JSON is as the schema says")
    func json() throws {
        let scene = try BrowsingScene("printf 1 > a; ln -s a l; printf 2 > \"$(printf 'not\\377text')\"")
        let part = "latest:\(scene.source)"
        for words in [
            ["restore", part, "--target", "t", "-n"], ["restore", part, "--target", "t", "-v", "--verify"],
            ["restore", part, "--target", "t"],
        ] {
            let outcome = try scene.outcome(words + ["--json"])
            #expect(outcome.code == 0, "\(outcome.errorText)")
            #expect(try SchemaCheck.complaints(outcome.output, schema: "restore", lines: true) == "", "\(words)")
        }
        let wrong = Array(#"{"message_type":"verbose_status","action":"eaten","item":"x"}"#.utf8)
        #expect(try SchemaCheck.complaints(wrong, schema: "restore", lines: true) != "")
    }
}
