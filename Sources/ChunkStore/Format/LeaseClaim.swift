import Bytes
import Posix

/// The text beside a lease: who holds it, and which packs it has published.
struct LeaseClaim: Hashable, Sendable {
    var pid: Int32
    var boot: String
    var host: String
    var command: String
    var since: Int64
    var packs: [PackName] = []

    /// Whether it was made on this machine, and since that was started.
    var isOfThisMachine: Bool { host == Machine.hostName && boot == Machine.bootID }

    /// The first lines, without packs.
    var opening: [UInt8] {
        Array(
            """
            cairn-lease 1
            pid \(pid)
            boot \(Self.escape(boot))
            host \(Self.escape(host))
            command \(Self.escape(command))
            since \(since)

            """.utf8)
    }

    /// The line that is added before a pack is published.
    static func line(for pack: PackName) -> [UInt8] { Array("pack \(pack.folder.letter) \(pack.id)\n".utf8) }

    init(pid: Int32, boot: String, host: String, command: String, since: Int64) {
        self.pid = pid
        self.boot = boot
        self.host = host
        self.command = command
        self.since = since
    }

    /// Reads a claim. Unknown words, malformed values and an unfinished last line are passed over: whatever a claim lacks, its
    /// lease is still a lease.
    init(_ bytes: [UInt8]) {
        self.init(pid: 0, boot: "", host: "", command: "", since: 0)
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return }
        for line in bytes[..<end].split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1).map {
                String(decoding: $0, as: UTF8.self)
            }
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "pid": pid = Int32(parts[1]) ?? 0
            case "boot": boot = Self.unescape(parts[1])
            case "host": host = Self.unescape(parts[1])
            case "command": command = Self.unescape(parts[1])
            case "since": since = Int64(parts[1]) ?? 0
            case "pack": if let pack = PackName(claimed: parts[1]) { packs.append(pack) }
            default: break
            }
        }
    }

    private static func escape(_ text: String) -> String {
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            if byte < 0x21 || byte == 0x25 || byte == 0x7F {
                escaped += Array("%".utf8) + Array(Hex.encode([byte]).utf8)
            } else {
                escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    private static func unescape(_ text: String) -> String {
        var plain: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 0x25, let value = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self)), value.count == 1 {
                plain.append(value[0])
                rest = rest.dropFirst(2)
            } else {
                plain.append(byte)
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
