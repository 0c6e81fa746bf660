// unsafe: owns the state of one message, and hands lent memory to C.

internal import CSHA256

/// SHA-256 of a message that arrives piece by piece, each piece beside parts of its own whose digests are wanted as well: so the instructions
/// that take two messages at a time have two throughout.
///
/// Not thread-safe: one thread at a time, which need not be the same one.
public final class SHA256Course: @unchecked Sendable {
    /// Room for the state, and for the blocks that end a message.
    private static let stateBytes = SHA256.blockBytes

    private let memory: UnsafeMutableRawBufferPointer
    private let state: UnsafeMutablePointer<UInt32>
    /// Bytes that do not fill a block yet lie at its front.
    private let unfinished: UnsafeMutableRawBufferPointer
    private var unfinishedBytes = 0
    private var messageBytes: UInt64 = 0
    /// Does the work where no pairs are quick.
    private let stream: SHA256Stream?

    /// A message without bytes so far.
    public convenience init() { self.init(byPairs: SHA256.pairsAreQuick) }

    init(byPairs: Bool) {
        memory = .allocate(byteCount: Self.stateBytes + 2 * SHA256.blockBytes, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        state = UnsafeMutableRawBufferPointer(rebasing: memory[..<Self.stateBytes]).bindMemory(to: UInt32.self)
            .baseAddress!
        unfinished = UnsafeMutableRawBufferPointer(rebasing: memory[Self.stateBytes...])
        state.update(from: SHA256.firstState, count: SHA256.firstState.count)
        stream = byPairs ? nil : SHA256Stream()
    }

    deinit { memory.deallocate() }

    /// Appends `piece` to the message, and gives the digests of the parts, each of which is a message of its own.
    public func append(_ piece: UnsafeRawBufferPointer, digesting parts: [UnsafeRawBufferPointer]) -> [SHA256Digest] {
        if let stream {
            stream.update(piece)
            return SHA256.digests(parts)
        }
        messageBytes += UInt64(piece.count)
        let rest = UnsafeRawBufferPointer(rebasing: piece[completeBlock(from: piece)...])
        let blocks = rest.count / SHA256.blockBytes
        let next = rest.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let digests = SHA256.digestsByPairs(parts, beside: .init(state: state, next: next, blocks: blocks))
        let left = UnsafeRawBufferPointer(rebasing: rest[(blocks * SHA256.blockBytes)...])
        unfinished[unfinishedBytes..<unfinishedBytes + left.count].copyBytes(from: left)
        unfinishedBytes += left.count
        return digests
    }

    /// Fills the block that has begun, and takes it in if that makes it whole. Returns how many bytes went there.
    private func completeBlock(from piece: UnsafeRawBufferPointer) -> Int {
        guard unfinishedBytes > 0 else { return 0 }
        let count = min(SHA256.blockBytes - unfinishedBytes, piece.count)
        unfinished[unfinishedBytes..<unfinishedBytes + count].copyBytes(from: piece[..<count])
        unfinishedBytes += count
        if unfinishedBytes == SHA256.blockBytes { takeUnfinished(blocks: 1) }
        return count
    }

    private func takeUnfinished(blocks: Int) {
        cairn_sha256_one(state, unfinished.baseAddress?.assumingMemoryBound(to: UInt8.self), blocks)
        unfinishedBytes = 0
    }

    /// The digest of the message, which must not be appended to any more.
    public func finish() -> SHA256Digest {
        if let stream { return stream.finish() }
        takeUnfinished(blocks: SHA256.end(unfinished, rest: unfinishedBytes, messageBytes: messageBytes))
        return SHA256.digest(of: state)
    }
}
