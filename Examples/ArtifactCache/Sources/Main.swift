import Foundation
import Posix

@main
enum Main {
    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            fail("\(error)")
        }
    }

    private static func run(_ words: [String]) throws {
        guard words.count >= 2 else { usage() }
        let cache = try ArtifactCache(at: Path(words[0]))
        switch (words[1], words.dropFirst(2).first, words.dropFirst(3).first) {
        case ("keep", let key?, let name?):
            guard let file = FileHandle(forReadingAtPath: name) else { fail("\(name) cannot be read") }
            print("\(key): \(try cache.keep(file, as: key)) bytes are new")
        case ("fetch", let key?, let name?):
            guard FileManager.default.createFile(atPath: name, contents: nil),
                let file = FileHandle(forWritingAtPath: name)
            else { fail("\(name) cannot be written") }
            guard try cache.fetch(key, into: file) else { fail("nothing is kept as \(key)") }
        case ("list", nil, nil):
            for key in try cache.keys() { print(key) }
        case ("trim", let count?, nil):
            guard let count = Int(count), count >= 0 else { usage() }
            print("\(try cache.trim(to: count)) bytes given back")
        default: usage()
        }
    }

    private static func usage() -> Never {
        fail("usage: artifact-cache FOLDER keep KEY FILE | fetch KEY FILE | list | trim COUNT")
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("artifact-cache: \(message)\n".utf8))
        exit(1)
    }
}
