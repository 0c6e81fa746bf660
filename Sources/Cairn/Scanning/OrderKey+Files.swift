import ChunkStore
import Posix

extension OrderKey {
    /// Files are alike that have the same extension, among those the ones whose folders have the same name, and among those the ones of the
    /// same name (`Documentation/Measurements.md`).
    init(_ name: Path, in folder: Path) {
        let bytes = name.bytes
        var key: [UInt8] = []
        if let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > bytes.startIndex { key += bytes[(dot + 1)...] }
        key.append(0)
        key += folder.lastComponent
        key.append(0)
        self.init(key + bytes)
    }
}
