import ChildProcess
import Testing

@Suite("Keys of a repository")
struct KeyCommandTests {
    /// A repository that opens with the key file `k1`.
    struct Scene {
        let folder: TemporaryFolder
        let location: String

        init() throws {
            folder = try TemporaryFolder()
            location = "\(folder.path)/r"
            let outcome = try cairn(
                "init", "-r", location, "--new-key-file", "\(folder.path)/k1", environment: ["HOME": folder.path])
            #expect(outcome.code == 0, "\(outcome.errorText)")
        }

        func key(_ words: String..., with key: String = "k1", environment: [String: String] = [:]) throws
            -> ChildOutcome
        {
            let variables = ["HOME": folder.path, "TZ": "UTC0", "CAIRN_REPOSITORY": location]
                .merging(environment.isEmpty ? ["CAIRN_KEY_FILE": "\(folder.path)/\(key)"] : environment) { $1 }
            return try ChildProcess(cairnPath, ["key"] + words, environment: variables).run()
        }

        /// The short ids, the one in use first.
        func ids(with key: String = "k1") throws -> [String] {
            let lines = try self.key("list", with: key).outputText.split(separator: "\n").dropFirst()
            let ids = lines.sorted { $0.hasPrefix("*") && !$1.hasPrefix("*") }.map { String($0.dropFirst(3).prefix(8)) }
            return ids
        }
    }

    @Test("a key file and a password are added, listed and used, and a star marks the key in use")
    func add() throws {
        let scene = try Scene()
        let file = try scene.key("add", "--new-key-file", "\(scene.folder.path)/k2")
        #expect(file.code == 0 && file.outputText.hasPrefix("added key "), "\(file.errorText)")
        let password = try scene.folder.file("password", "secret\n")
        let added = try scene.key("add", "--new-password-file", password, "--json")
        #expect(added.outputText.hasPrefix("{\"message_type\":\"key_added\",\"id\":\""), "\(added.errorText)")
        let table = try scene.key("list", environment: ["CAIRN_PASSWORD": "secret"]).outputText
        let lines = table.split(separator: "\n")
        #expect(lines.count == 4 && lines[0].hasPrefix("   ID        Opens with  Made"))
        #expect(lines.filter { $0.hasPrefix("*  ") && $0.contains("password") }.count == 1, "\(table)")
        #expect(lines.filter { $0.contains("key file") }.count == 2)
        let json = try scene.key("list", "--json", with: "k2").outputText
        #expect(json.split(separator: "\"in_use\":true").count == 2 && json.contains("\"kind\":\"password\""))
        #expect(json.contains("\"half_damaged\":false"))
    }

    @Test("a removed key opens nothing; the last one and the one in use stay")
    func remove() throws {
        let scene = try Scene()
        let first = try #require(try scene.ids().first)
        let last = try scene.key("remove", first)
        #expect(last.code == 1 && last.errorText.contains("last key"), "\(last.errorText)")
        #expect(try scene.key("add", "--new-key-file", "\(scene.folder.path)/k2").code == 0)
        let used = try scene.key("remove", first)
        #expect(used.code == 1 && used.errorText.contains("has opened the repository"))
        #expect(try scene.key("remove", first, with: "k2").outputText == "removed key \(first)\n")
        #expect(try scene.key("list").code == 12)
        #expect(try scene.ids(with: "k2").count == 1)
        for bad in ["", "zz", "../config", "ffffffffffffffffffffffffffffffff"] {
            #expect(try scene.key("remove", bad, with: "k2").code != 0)
        }
    }

    @Test("passwd replaces the key in use and no other")
    func passwd() throws {
        let scene = try Scene()
        let first = try #require(try scene.ids().first)
        #expect(try scene.key("add", "--new-key-file", "\(scene.folder.path)/k2").code == 0)
        let changed = try scene.key("passwd", "--new-key-file", "\(scene.folder.path)/k3")
        #expect(changed.outputText.hasSuffix(" in place of \(first)\n"), "\(changed.errorText)")
        #expect(try scene.key("list").code == 12)
        #expect(try scene.ids(with: "k2").count == 2 && scene.ids(with: "k3").count == 2)
        let variables = ["CAIRN_KEY_FILE": "\(scene.folder.path)/k3", "CAIRN_NEW_PASSWORD": "secret"]
        #expect(try scene.key("passwd", environment: variables).code == 0)
        #expect(try scene.key("list", environment: ["CAIRN_PASSWORD": "secret"]).code == 0)
    }

    @Test("a new key file never takes the place of a file, and none is left where no key was made")
    func files() throws {
        let scene = try Scene()
        #expect(try scene.key("add", "--new-key-file", "\(scene.folder.path)/k1").code == 1)
        #expect(try scene.key("list").code == 0)
        let both = try scene.key("add", "--new-key-file", "\(scene.folder.path)/k2", "--new-password-command", "echo x")
        #expect(both.code == 2)
        #expect(try scene.key("add", with: "none").code == 12)
        let plain = try cairn(
            "init", "-r", "\(scene.folder.path)/plain", "--encryption", "none", environment: ["HOME": scene.folder.path]
        )
        #expect(plain.code == 0)
        let environment = ["CAIRN_REPOSITORY": "\(scene.folder.path)/plain"]
        let add = try scene.key("add", "--new-key-file", "\(scene.folder.path)/k2", environment: environment)
        #expect(add.code == 1 && add.errorText.contains("not encrypted"))
        #expect(try scene.key("passwd", environment: environment).errorText.contains("not encrypted"))
        #expect(try scene.key("list", environment: environment).errorText.contains("not encrypted"))
        #expect(try scene.key("list", "--json", environment: environment).outputText == "[]\n")
        #expect(try !ChildProcess("/bin/ls", [scene.folder.path]).run().outputText.contains("k2"))
    }
}
