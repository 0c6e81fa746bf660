import Bytes
import Crypto
import Posix

/// The digests that a snapshot proves: of a directory over its entries, and of a whole snapshot over its sources. They do not depend on
/// how anything is stored (FORMAT.md, section 13).
enum MerkleDigest {
    private static let directoryDomain = Array("cairn-directory-1".utf8)
    private static let rootDomain = Array("cairn-root-1".utf8)

    /// Digests a directory, entry by entry in the order of names.
    struct Directory {
        private let stream = SHA256Stream()

        init() { stream.update(MerkleDigest.directoryDomain) }

        func add(_ entry: TreeEntry) { stream.update(MerkleDigest.record(entry, name: entry.name)) }

        func finish() -> SHA256Digest { stream.finish() }
    }

    /// Digests a snapshot: its sources, in the order of their paths, then the groups of hard links in them.
    struct Root {
        private let stream = SHA256Stream()

        init(of sources: [TreeEntry]) {
            var writer = ByteWriter()
            writer.append(bytes: MerkleDigest.rootDomain)
            writer.append(UInt32(sources.count))
            for source in sources { writer.append(bytes: MerkleDigest.record(source, name: [])) }
            stream.update(writer.bytes)
        }

        /// So many groups follow, sorted by their first paths.
        mutating func begin(groups: Int) { append(UInt32(groups)) }

        /// A group begins, of so many paths, which follow sorted.
        mutating func begin(groupOf paths: Int) { append(UInt32(paths)) }

        /// One path of the group: which source it lies below, and its path there.
        mutating func add(source: Int, path: [UInt8]) {
            var writer = ByteWriter()
            writer.append(UInt32(source))
            writer.append(text: path)
            stream.update(writer.bytes)
        }

        mutating func finish() -> SHA256Digest { stream.finish() }

        private func append(_ number: UInt32) {
            var writer = ByteWriter()
            writer.append(number)
            stream.update(writer.bytes)
        }
    }

    private static func record(_ entry: TreeEntry, name: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: 128 + name.count)
        writer.append(entry.node.code)
        writer.append(text: name)
        writer.append(entry.mode)
        writer.append(entry.userID)
        writer.append(entry.groupID)
        writer.append(entry.modified.seconds)
        writer.append(entry.modified.nanoseconds)
        writer.append(bytes: attributes(entry.attributes))
        switch entry.node {
        case .file(let size, _, let digest, _):
            writer.append(size)
            writer.append(digest)
        case .directory(_, let digest): writer.append(digest)
        case .symbolicLink(let target): writer.append(text: target)
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
            writer.append(major)
            writer.append(minor)
        case .fifo, .socket: break
        }
        return writer.bytes
    }

    private static func attributes(_ all: [ExtendedAttribute]) -> [UInt8] {
        let covered = all.filter { isCovered($0.name) }
        if covered.isEmpty { return [UInt8](repeating: 0, count: 32) }
        var writer = ByteWriter()
        for attribute in covered {
            writer.append(text: attribute.name)
            writer.append(text: attribute.value)
        }
        return SHA256.digest(writer.bytes).bytes
    }

    /// Whether an attribute is part of what a snapshot proves: those that mean the same on every machine.
    static func isCovered(_ name: [UInt8]) -> Bool { name.starts(with: userSpace) || others.contains(name) }

    private static let userSpace = Array("user.".utf8)
    private static let others: Set<[UInt8]> = Set(
        ["system.posix_acl_access", "system.posix_acl_default", "security.capability"].map { Array($0.utf8) })
}

extension ByteWriter {
    fileprivate mutating func append(text: [UInt8]) {
        append(UInt32(text.count))
        append(bytes: text)
    }
}
