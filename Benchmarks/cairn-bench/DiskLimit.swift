import Bytes
import Posix
import Storage

/// What the disk allows: the same amount, written and published as packs are, and nothing else.
enum DiskLimit {
    private static let fileBytes = 64 << 20

    /// Seconds that so many bytes take, taken from the data's front again and again.
    static func seconds(toStore byteCount: Int, of data: Buffer, in folder: Path) throws -> Double {
        let place = folder.appending("disk")
        try LocalDirectory.makeFolder(place)
        defer { BenchmarkStore.remove(place) }
        let storage = try LocalDirectory(place)
        return try Stopwatch.seconds {
            for (number, start) in stride(from: 0, to: byteCount, by: fileBytes).enumerated() {
                let upload = try storage.upload("tmp/\(number)")
                var left = min(fileBytes, byteCount - start)
                while left > 0 {
                    let piece = min(left, 4 << 20, data.count)
                    let offset = (byteCount - left) % (data.count - piece + 1)
                    try upload.append(data.bytes(offset..<offset + piece))
                    left -= piece
                }
                try upload.publish(as: "files/\(number)")
            }
        }
    }
}
