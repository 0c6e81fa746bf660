internal import Cairn
internal import Posix

/// Hands the kernel what lies in a block beside what was asked for, so that the block need not be decoded again for it. On a thread of its own: the
/// kernel may wait, while it takes content, for answers to other questions.
final class Neighbours: Sendable {
    private struct Job: Sendable {
        let file: OpenFile
        let offset: UInt64
        let reader: TreeReader
    }

    private static let pageBytes: UInt64 = 4_096

    private let stage: Stage<Job>

    /// `store` hands content of a node to the kernel; it answers false when the kernel wants none.
    init(
        store: @escaping @Sendable (_ node: NodeID, _ offset: UInt64, _ bytes: UnsafeRawBufferPointer) -> Bool
    ) throws(PosixError) {
        stage = try Stage("neighbours", workers: 1, capacity: 4) {
            { job in
                // What cannot be read is reported when somebody asks for it.
                try? job.file.content.lendNeighbours(
                    of: job.offset, within: AccessPattern.reach, through: job.reader
                ) { offset, bytes in
                    guard let (start, whole) = Self.wholePages(offset, bytes, size: job.file.size) else { return }
                    _ = store(job.file.node, start, whole)
                }
            }
        }
    }

    /// Hands over what lies around an offset, if there is time for it.
    func offer(_ file: OpenFile, _ offset: UInt64, _ reader: TreeReader) {
        stage.submitIfFree(Job(file: file, offset: offset, reader: reader))
    }

    func close() { stage.close() }

    /// Only whole pages count for the kernel, but for the last one of a file.
    static func wholePages(
        _ offset: UInt64, _ bytes: UnsafeRawBufferPointer, size: UInt64
    ) -> (offset: UInt64, bytes: UnsafeRawBufferPointer)? {
        let end = offset + UInt64(bytes.count)
        let start = (offset + pageBytes - 1) / pageBytes * pageBytes
        let last = end >= size ? end : end / pageBytes * pageBytes
        guard start < last else { return nil }
        return (start, UnsafeRawBufferPointer(rebasing: bytes[Int(start - offset)..<Int(last - offset)]))
    }
}
