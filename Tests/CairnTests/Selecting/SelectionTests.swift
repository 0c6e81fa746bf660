import Testing

@testable import Cairn

@Suite("What a snapshot takes")
struct SelectionTests {
    /// A folder's small files.
    private typealias Files = [String: String]

    private func reading(_ files: Files) -> Selection.Reading {
        { name, count in files[String(decoding: name, as: UTF8.self)].map { Array($0.utf8.prefix(count)) } }
    }

    private func root(_ selection: Selection, _ path: String = "/src", _ files: Files = [:]) -> Selection.Folder {
        selection.folder(at: Array(path.utf8), listing: files.keys.map { Array($0.utf8) }, read: reading(files))
    }

    private func child(_ folder: Selection.Folder, _ name: String, _ files: Files = [:]) -> Selection.Folder {
        folder.child(Array(name.utf8), listing: files.keys.map { Array($0.utf8) }, read: reading(files))
    }

    private func isExcluded(_ folder: Selection.Folder, _ name: String, isDirectory: Bool = false) -> Bool {
        folder.isExcluded(Array(name.utf8), isDirectory: isDirectory, size: isDirectory ? nil : 10)
    }

    @Test("an empty selection takes everything and looks at nothing")
    func empty() {
        let selection = Selection()
        var looks = 0
        let names = [CacheTag.name, Array(".gitignore".utf8)].lazy.map { name in
            looks += 1
            return name
        }
        let folder = selection.folder(at: Array("/a".utf8), listing: names) { _, _ in
            looks += 1
            return nil
        }
        #expect(!isExcluded(folder, "x") && !isExcluded(folder, "x", isDirectory: true) && looks == 0)
    }

    @Test("excludes see absolute paths, and neither list takes back what the other matches")
    func patterns() throws {
        var selection = Selection()
        selection.excludes = try PatternList(["/src/a/*.o", "!keep.o", "/src/KEEP"])
        selection.excludesIgnoringCase = try PatternList(["*.TMP", "!/src/KEEP"], ignoringCase: true)
        let folder = root(selection)
        #expect(!isExcluded(folder, "x.o") && isExcluded(folder, "x.tmp") && isExcluded(folder, "KEEP"))
        #expect(!isExcluded(folder, "keep"))
        let inside = child(folder, "a")
        #expect(isExcluded(inside, "x.o") && !isExcluded(inside, "keep.o") && isExcluded(inside, "y.Tmp"))
        #expect(!isExcluded(child(inside, "b"), "x.o"))
    }

    @Test("a pattern that fits a source leaves out all that is in it")
    func excludedSource() throws {
        var selection = Selection()
        selection.excludes = try PatternList(["src"])
        #expect(isExcluded(root(selection, "/home/src"), "x") && !isExcluded(root(selection, "/home/b"), "x"))
    }

    @Test("files beyond the largest size are left out, folders never for their size")
    func size() {
        var selection = Selection()
        selection.sizeMax = 10
        let folder = root(selection)
        #expect(!folder.isExcluded([1], isDirectory: false, size: 10))
        #expect(folder.isExcluded([1], isDirectory: false, size: 11))
        #expect(!folder.isExcluded([1], isDirectory: true))
    }

    @Test("a cache keeps its folder and its tag, and nothing else")
    func cacheTag() throws {
        var selection = Selection()
        selection.presenceMarks = [CacheTag.mark]
        let signature = String(decoding: CacheTag.signature, as: UTF8.self)
        #expect(signature.utf8.count == 43)
        let folder = root(selection)
        let cache = child(folder, "cache", ["CACHEDIR.TAG": signature + "\n# more", "f": ""])
        #expect(!folder.excludesContents && cache.excludesContents && !isExcluded(folder, "cache", isDirectory: true))
        #expect(
            isExcluded(cache, "f") && isExcluded(cache, "sub", isDirectory: true) && !isExcluded(cache, "CACHEDIR.TAG"))
        #expect(!child(folder, "other", ["CACHEDIR.TAG": signature.dropLast() + "x"]).excludesContents)
        #expect(!child(folder, "other", ["CACHEDIR.TAG": String(signature.dropLast())]).excludesContents)
        #expect(!child(folder, "other", ["cachedir.tag": signature]).excludesContents)
    }

    @Test("marks are found by name, and by what they begin with")
    func marks() throws {
        var selection = Selection()
        selection.presenceMarks = try ["MARK:he:l", ".nobackup"].map {
            try PresenceMark(parsing: Array($0.utf8))
        }
        #expect(selection.presenceMarks.map(\.byteCount) == [4, 0])
        let folder = root(selection)
        #expect(child(folder, "a", ["MARK": "he:llo"]).excludesContents)
        #expect(!child(folder, "a", ["MARK": "hello"]).excludesContents)
        let both = child(folder, "a", ["MARK": "he:l", ".nobackup": "", "f": ""])
        #expect(!isExcluded(both, "MARK") && !isExcluded(both, ".nobackup") && isExcluded(both, "f"))
        let unreadable = folder.child([1], listing: [Array("MARK".utf8)]) { _, _ in nil }
        #expect(!unreadable.excludesContents)
    }

    @Test(
        "a bad mark is an error that shows it",
        arguments: ["", ":x", "a/b", "..", ".:x", "a\0", "a:" + String(repeating: "x", count: 70_000)])
    func badMarks(text: String) {
        let error = #expect(throws: PatternError.self) { try PresenceMark(parsing: Array(text.utf8)) }
        #expect(error?.pattern == Array(text.utf8))
    }

    @Test("git's rules are read from each folder, and from those above the source where they can be")
    func gitignore() {
        var selection = Selection()
        selection.followsGitignore = true
        let folder = root(selection, "/src", [".gitignore": "*.o\n/b\n", ".git": "", ".git/info/exclude": "e\n"])
        #expect(isExcluded(folder, "x.o") && isExcluded(folder, "b") && isExcluded(folder, "e"))
        #expect(!isExcluded(folder, ".git", isDirectory: true) && !isExcluded(folder, ".gitignore"))
        let inside = child(folder, "in", [".gitignore": "!x.o"])
        #expect(!isExcluded(inside, "x.o") && isExcluded(inside, "y.o") && !isExcluded(inside, "b"))
        #expect(!isExcluded(child(folder, "nested", [".git": ""]), "y.o"))

        let above = reading([
            "/.gitignore": "never", "/home/.git/HEAD": "r", "/home/.git/info/exclude": "e",
            "/home/.gitignore": "/src/b\n*.o", "/home/src/.gitignore": "no",
        ])
        let deep = selection.folder(at: Array("/home/src".utf8), listing: [], read: { _, _ in nil }, readAbove: above)
        #expect(isExcluded(deep, "b") && isExcluded(deep, "x.o") && isExcluded(deep, "e"))
        #expect(!isExcluded(deep, "never") && !isExcluded(deep, "no"))
        selection.followsGitignore = false
        #expect(!isExcluded(root(selection, "/src", [".gitignore": "*"]), "x"))
    }
}
