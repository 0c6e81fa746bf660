import Crypto
import Posix
import Testing

@testable import Cairn

@Suite("What a snapshot proves")
struct MerkleDigestTests {
    private let file = TreeEntry(
        name: Array("a file".utf8), mode: 0o644, userID: 1000, groupID: 100,
        modified: FileTime(seconds: -1, nanoseconds: 999_999_999),
        node: .file(size: 3, content: .inline([1, 2, 3]), digest: SHA256.digest([1, 2, 3]), holes: .empty))

    private func attribute(_ name: String, _ value: [UInt8]) -> ExtendedAttribute {
        ExtendedAttribute(name: Array(name.utf8), value: value)
    }

    private func directory(_ entries: [TreeEntry]) -> SHA256Digest {
        let digest = MerkleDigest.Directory()
        for entry in entries { digest.add(entry) }
        return digest.finish()
    }

    private func source(_ entries: [TreeEntry], name: String) -> TreeEntry {
        TreeEntry(
            name: Array(name.utf8), mode: 0o755, userID: 0, groupID: 0, modified: FileTime(seconds: 5, nanoseconds: 0),
            node: .directory(content: .empty, digest: directory(entries)))
    }

    private func path(_ source: Int, _ path: String) -> MerkleDigest.LinkPath {
        MerkleDigest.LinkPath(source: source, path: Array(path.utf8))
    }

    @Test("the digests are those that a program gets which was written from FORMAT.md")
    func golden() {
        var marked = file
        marked.attributes = [attribute("trusted.x", [9]), attribute("user.k", [7, 8])]
        #expect(directory([]).hex == "16219e0cb47aea6fd133835a2578911d20cbb6c6e04dde2a71b47db75cf767b6")
        #expect(directory([marked]).hex == "76c1045fab01d14699480f29e9dce7be3bc418bec4940250facb1fc4caff98ca")
        let links = [[path(0, "b"), path(0, "a/c")]]
        #expect(
            MerkleDigest.root(of: [source([marked], name: "x")], links: links).hex
                == "d01874c8d4ce83db6749bd4470e5651b0e62094c526331f73ca47d891ba7f00f")
    }

    @Test("the name and place of a source do not matter, what is in it does")
    func sources() {
        let root = MerkleDigest.root(of: [source([file], name: "here")], links: [])
        #expect(root == MerkleDigest.root(of: [source([file], name: "there")], links: []))
        #expect(root != MerkleDigest.root(of: [source([], name: "here")], links: []))
    }

    @Test("every covered value changes the digest, and nothing else does")
    func coverage() {
        let plain = directory([file])
        func digest(_ change: (inout TreeEntry) -> Void) -> SHA256Digest {
            var changed = file
            change(&changed)
            return directory([changed])
        }
        let covered: [(inout TreeEntry) -> Void] = [
            { $0.name = [1] }, { $0.mode = 0o4755 }, { $0.userID = 1 }, { $0.groupID = 1 }, { $0.modified.seconds = 0 },
            { $0.modified.nanoseconds = 0 }, { $0.node = .fifo }, { $0.node = .symbolicLink(target: [1]) },
            { $0.attributes = [attribute("user.a", [])] }, { $0.attributes = [attribute("security.capability", [1])] },
            { $0.node = .file(size: 4, content: .empty, digest: SHA256.digest([1, 2, 3]), holes: .empty) },
            { $0.node = .file(size: 3, content: .empty, digest: SHA256.digest([]), holes: .empty) },
        ]
        #expect(Set(covered.map(digest) + [plain]).count == covered.count + 1)
        let uncovered: [(inout TreeEntry) -> Void] = [
            { $0.userName = [65] }, { $0.groupName = [65] }, { $0.linkGroup = 7 },
            { $0.attributes = [attribute("trusted.a", [1])] },
            { $0.node = .file(size: 3, content: .empty, digest: SHA256.digest([1, 2, 3]), holes: .inline([1])) },
        ]
        for change in uncovered { #expect(digest(change) == plain) }
    }

    @Test("groups of links count by what they hold, not by the order in which they were found")
    func links() {
        let (a, b, c, z) = (path(0, "a"), path(0, "b"), path(1, "a"), path(1, "z"))
        func root(_ groups: [[MerkleDigest.LinkPath]]) -> SHA256Digest {
            MerkleDigest.root(of: [source([file], name: "x"), source([file], name: "y")], links: groups)
        }
        #expect(root([[c, a], [b, z]]) == root([[z, b], [a, c]]))
        #expect(root([[a, b]]) != root([[a, c]]))
        #expect(root([[a]]) == root([]))
    }
}
