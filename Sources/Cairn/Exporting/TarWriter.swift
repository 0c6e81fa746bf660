import Posix

/// Writes a tar archive in the form of POSIX 1003.1-2001 (pax): exact names and times, attributes, hard links, devices; files with
/// holes as GNU tar's sparse format 1.0.
struct TarWriter: ArchiveWriter {
    private var output: ArchiveOutput
    private let reader: TreeReader
    private let links = LinkTable()

    init(_ output: ArchiveOutput, reader: TreeReader) {
        self.output = output
        self.reader = reader
    }

    mutating func add(_ name: [UInt8], _ entry: TreeEntry, _ bytes: FileBytes?) throws(CairnError) -> String? {
        if case .socket = entry.node { return "a socket" }
        if let group = entry.linkGroup, let first = try links.firstPath(of: group, or: name) {
            var header = TarHeader(.hardLink, name: name, entry)
            header.target = first
            try output.write(header.encode())
            return nil
        }
        var header: TarHeader
        switch entry.node {
        case .socket: return "a socket"
        case .file(let size, _, _, let holes):
            try addFile(name, entry, size: size, holes: holes, bytes)
            return nil
        case .directory: header = TarHeader(.directory, name: name + [UInt8(ascii: "/")], entry)
        case .symbolicLink(let target):
            header = TarHeader(.symbolicLink, name: name, entry)
            header.target = target
        case .fifo: header = TarHeader(.fifo, name: name, entry)
        case .characterDevice(let major, let minor):
            header = TarHeader(.characterDevice, name: name, entry)
            header.device = (major, minor)
        case .blockDevice(let major, let minor):
            header = TarHeader(.blockDevice, name: name, entry)
            header.device = (major, minor)
        }
        try output.write(header.encode())
        return nil
    }

    mutating func finish() throws(CairnError) {
        try output.write([UInt8](repeating: 0, count: 1_024))
        try output.pad(to: 10_240)
        try output.flush()
    }

    private mutating func addFile(
        _ name: [UInt8], _ entry: TreeEntry, size: UInt64, holes: Content, _ bytes: FileBytes?
    ) throws(CairnError) {
        guard let bytes else { return }
        var header = TarHeader(.file, name: name, entry)
        guard let map = try DataMap(size: size, holes: holes, reader: reader) else {
            header.size = size
            try output.write(header.encode())
            return try write(size, of: name) { (take) throws(CairnError) in try bytes.forEachPiece(take) }
        }
        // GNU tar learns from the last stretch how long the file is: an empty one says it where a hole comes last.
        let isHoleLast = map.stretches.last.map { $0.offset + $0.length < size } ?? true
        var stretches = map.stretches
        if isHoleLast { stretches.append((size, 0)) }
        var text = Array("\(stretches.count)\n".utf8)
        for stretch in stretches { text += "\(stretch.offset)\n\(stretch.length)\n".utf8 }
        text += [UInt8](repeating: 0, count: (512 - text.count % 512) % 512)
        header.add("GNU.sparse.major", Array("1".utf8))
        header.add("GNU.sparse.minor", Array("0".utf8))
        header.add("GNU.sparse.name", name)
        header.add("GNU.sparse.realsize", Array("\(size)".utf8))
        header.name = Self.sparseName(name)
        header.size = UInt64(text.count) + map.byteCount
        try output.write(header.encode())
        try output.write(text)
        try write(map.byteCount, of: name) { (take) throws(CairnError) in try map.forEachPiece(of: bytes, take) }
    }

    /// Where a program that knows nothing of holes puts the file: not in its place, for what it would write is not the file.
    private static func sparseName(_ name: [UInt8]) -> [UInt8] {
        let path = Path(name)
        return Array(path.parent.appending("GNUSparseFile.0").appending(Path(path.lastComponent)).bytes)
    }

    private typealias Take = (UnsafeRawBufferPointer) throws(CairnError) -> Void

    private mutating func write(
        _ size: UInt64, of name: [UInt8], _ source: (Take) throws(CairnError) -> Void
    ) throws(CairnError) {
        var left = size
        try source { piece throws(CairnError) in
            guard UInt64(piece.count) <= left else { throw .wrongLength(name) }
            left -= UInt64(piece.count)
            try output.write(piece)
        }
        guard left == 0 else { throw .wrongLength(name) }
        try output.pad(to: 512)
    }
}
