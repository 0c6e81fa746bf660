import Chunking
import Testing

@testable import ChunkStore

@Suite struct BudgetTests {
    @Test("less than 64 MiB is refused, and the message says how much is needed")
    func tooLittle() throws {
        expectFailure(.usage, "63 MiB", "at least 64 MiB") {
            try Budget(totalBytes: (64 << 20) - 1, jobs: 1, longestChunkBytes: 262_144)
        }
    }

    @Test("the parts never add up to more than the whole, whatever the memory and the number of jobs")
    func sums() throws {
        for mebibytes in [64, 65, 95, 96, 128, 191, 192, 256, 500, 1_024, 16_384] {
            for jobs in [1, 2, 3, 8, 128] {
                let budget = try Budget(
                    totalBytes: mebibytes << 20, jobs: jobs, longestChunkBytes: Profile.standard.longestChunkBytes)
                #expect(budget.workers >= 1 && budget.workers <= jobs && budget.streams >= 2)
                #expect(budget.segmentBytes >= 2 * Profile.standard.longestChunkBytes)
                let catalog = budget.catalogWriterBytes + budget.catalogReaderBytes * (budget.workers + 2)
                let blocks = (budget.workers + budget.queuedBlocks + budget.workers + 1) * (budget.blockBytes + 16)
                let streams = budget.streams * (2 * budget.segmentBytes + budget.blockBytes)
                let all = 2 * budget.windowBytes + budget.blockCacheBytes + catalog + blocks + streams
                #expect(all <= budget.totalBytes, "\(mebibytes) MiB, \(jobs) jobs: \(all >> 20) MiB")
            }
        }
    }
}
