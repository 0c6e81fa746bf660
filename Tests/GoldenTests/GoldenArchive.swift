// A folder as text, so that the project keeps no binaries:
//
//     file packs/d/ab/ab…     begins a file
//     Q0FJUk5Q…               its bytes in base64, 72 to a line
//     zeros 3712              so many zeros
//
// Lines that begin with # are comments.

/// The files of a folder, as bytes or as text.
struct GoldenArchive {
    /// A line is not one of an archive.
    struct BadLine: Error { let line: String }

    var files: [(name: String, bytes: [UInt8])]

    init(files: [(name: String, bytes: [UInt8])]) { self.files = files }

    init(text: String) throws {
        files = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "file" {
                files.append((String(words[1]), []))
            } else if words.count == 2, words[0] == "zeros", let count = Int(words[1]), !files.isEmpty {
                files[files.count - 1].bytes += [UInt8](repeating: 0, count: count)
            } else if words.count == 1, let bytes = Base64.decode(line), !files.isEmpty {
                files[files.count - 1].bytes += bytes
            } else {
                throw BadLine(line: String(line))
            }
        }
    }

    var text: String {
        var lines = ["# A repository that every later version must read: never change it. See Tests/GoldenTests."]
        for file in files {
            lines.append("file \(file.name)")
            var rest = file.bytes[...]
            while !rest.isEmpty {
                let zeros = rest.prefix { $0 == 0 }.count
                if zeros >= 72 {
                    lines.append("zeros \(zeros)")
                    rest = rest.dropFirst(zeros)
                } else {
                    lines.append(Base64.encode(rest.prefix(72)))
                    rest = rest.dropFirst(72)
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Base64 of RFC 4648, padded.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: ArraySlice<UInt8>) -> String {
        var text: [UInt8] = []
        var rest = bytes
        while !rest.isEmpty {
            let three = rest.prefix(3)
            let bits = three.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - three.count))
            for place in 0..<4 {
                text.append(place <= three.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
            rest = rest.dropFirst(3)
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: Substring) -> [UInt8]? {
        guard text.utf8.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for digit in text.utf8.reversed().drop(while: { $0 == UInt8(ascii: "=") }).reversed() {
            guard let value = digits.firstIndex(of: digit) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
                bits &= (1 << count) - 1
            }
        }
        return bytes
    }
}
