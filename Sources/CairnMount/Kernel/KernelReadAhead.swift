internal import Posix

/// How far the kernel reads ahead of whoever reads a file in order.
///
/// What the kernel grants a mount is 128 KiB, so that a large file costs eight questions a MiB, one or two at a time. Only root may grant more, and only
/// between the mounting and the first answer. Where that is not allowed everything works, and large files take longer.
enum KernelReadAhead {
    private static let kibibytes = 2_048
    private static let mounts: Path = "/proc/self/mountinfo"

    static func widen(_ folder: Path) {
        guard let table = try? SmallFile.read(mounts, limit: 64 << 20), let device = device(of: folder, in: table),
            let knob = try? FileDescriptor.open(Path("/sys/class/bdi/\(device)/read_ahead_kb"), .write)
        else { return }
        try? Array("\(kibibytes)\n".utf8).withUnsafeBytesThrowing { (text) throws(PosixError) in
            try knob.write(all: text)
        }
    }

    /// The number of a mount's device, as the kernel writes it: the folder itself is not asked, for nobody may be there to answer. Of several mounts
    /// on one folder the last one is seen.
    static func device(of folder: Path, in table: [UInt8]) -> String? {
        let mount = table[...].split(separator: UInt8(ascii: "\n")).last { line in
            let words = line.split(separator: UInt8(ascii: " "))
            return words.count > 4 && unescaped(words[4]) == Array(folder.bytes)
        }
        guard let words = mount?.split(separator: UInt8(ascii: " ")) else { return nil }
        return String(validating: words[2], as: UTF8.self)
    }

    /// In that table spaces and the like are a backslash and three octal digits.
    private static func unescaped(_ word: ArraySlice<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        var rest = word
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                plain.append(value)
                rest = rest.dropFirst(3)
            } else {
                plain.append(byte)
            }
        }
        return plain
    }
}
