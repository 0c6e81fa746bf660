import Posix
import Testing

@testable import CairnMount

@Suite("How files are read")
struct ReadingTests {
    private func notes(_ offsets: [UInt64]) -> [AccessPattern.Advice] {
        var pattern = AccessPattern()
        return offsets.map { pattern.note($0..<$0 + 4_096) }
    }

    @Test("from front to back nothing is handed over, here and there it is, and no region twice in a row")
    func patterns() {
        #expect(notes((0..<100).map { $0 * 4_096 }).allSatisfy { $0 == .inOrder })
        // The kernel's read-ahead, a little out of order.
        #expect(notes([0, 131_072, 393_216, 262_144, 524_288]).allSatisfy { $0 == .inOrder })
        let far: [UInt64] = (0..<10).map { ($0 * 7 % 10) * (64 << 20) }
        #expect(notes(far).dropFirst(2).allSatisfy { $0 == .scattered })
        #expect(notes(far + far).dropFirst(12).allSatisfy { $0 == .neither })
        // Back in order it takes a moment to be believed.
        #expect(notes(far + [9, 9, 9].map { $0 << 30 }).suffix(3) == [.scattered, .neither, .inOrder])
    }

    @Test("those who read in order share a quarter of the cache for what comes next, and none has more than 16 MiB")
    func ahead() {
        #expect(AccessPattern.ahead(of: 1, cacheBytes: 60 << 20) == 15 << 20)
        #expect(AccessPattern.ahead(of: 4, cacheBytes: 64 << 20) == 4 << 20)
        #expect(AccessPattern.ahead(of: 1, cacheBytes: 1 << 30) == 16 << 20)
        #expect(AccessPattern.ahead(of: 0, cacheBytes: 8 << 20) == 2 << 20)
    }

    @Test("only whole pages are handed over, and the rest of the last one")
    func pages() {
        let memory = [UInt8](repeating: 0, count: 20_000)
        func pages(_ offset: UInt64, _ count: Int, size: UInt64) -> [Int]? {
            memory.withUnsafeBytes { raw in
                let bytes = UnsafeRawBufferPointer(rebasing: raw[..<count])
                return Neighbours.wholePages(offset, bytes, size: size).map { [Int($0.offset), $0.bytes.count] }
            }
        }
        #expect(pages(0, 8_192, size: 1 << 20) == [0, 8_192])
        #expect(pages(1, 8_192, size: 1 << 20) == [4_096, 4_096])
        #expect(pages(4_095, 4_000, size: 1 << 20) == nil)
        #expect(pages(4_096, 5_000, size: 9_096) == [4_096, 5_000])
        #expect(pages(100, 1_000, size: 1_100) == nil)
        #expect(pages(0, 1_000, size: 1_000) == [0, 1_000])
    }

    @Test(
        "the device of a mount is found in the kernel's table, also of a folder with odd names, and of several the last"
    )
    func device() {
        let table = Array(
            """
            22 27 0:21 / /sys rw,relatime shared:7 - sysfs sysfs rw
            40 27 0:44 / /mnt/a\\040b\\134c rw,relatime - fuse.cairn cairn ro
            41 27 0:45 / /mnt/twice rw - tmpfs tmpfs rw
            42 41 0:46 / /mnt/twice rw - fuse.cairn cairn ro
            broken

            43 27 0:47 / /mnt/trailing\\04 rw - tmpfs tmpfs rw
            """.utf8)
        #expect(KernelReadAhead.device(of: "/sys", in: table) == "0:21")
        #expect(KernelReadAhead.device(of: "/mnt/a b\\c", in: table) == "0:44")
        #expect(KernelReadAhead.device(of: "/mnt/twice", in: table) == "0:46")
        #expect(KernelReadAhead.device(of: "/mnt/trailing\\04", in: table) == "0:47")
        #expect(
            KernelReadAhead.device(of: "/mnt", in: table) == nil && KernelReadAhead.device(of: "/sys", in: []) == nil)
    }
}
