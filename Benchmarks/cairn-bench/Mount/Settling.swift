import Glibc
import Posix

/// What is done before each run, outside the clock, so that no run pays for what was before it.
enum Settling {
    private static let fetchedBytesMax = 3 << 30

    /// Brings to disk what was written earlier, and gets memory back that a virtual machine has lent to its host meanwhile: whoever touches such memory first waits
    /// for the host at each page, which hits a program the harder the less it does itself.
    static func settle() {
        sync()
        let byteCount = min(fetchedBytesMax, availableBytes / 4)
        guard byteCount > 0,
            let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { return }
        for offset in stride(from: 0, to: byteCount, by: 4_096) {
            memory.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
        }
        munmap(memory, byteCount)
    }

    private static var availableBytes: Int {
        let table = String(
            decoding: (try? SmallFile.read("/proc/meminfo", limit: 1 << 16)) ?? [], as: UTF8.self)
        let line = table.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }
}
