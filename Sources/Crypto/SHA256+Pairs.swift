// unsafe: hands lent memory to C, two messages at a time.

internal import CSHA256

extension SHA256 {
    /// The digests of messages, in their order, each as `digest` gives it. Where the processor has instructions for it two are computed at a time,
    /// which takes little longer than one.
    public static func digests(_ messages: [UnsafeRawBufferPointer]) -> [SHA256Digest] {
        if messages.count > 1 && pairsAreQuick { return digestsByPairs(messages) }
        return messages.map { digest($0) }
    }

    /// Whether the processor has the instructions.
    static let pairsArePossible = cairn_sha256_is_available()

    private static let pairsAreQuick = pairsArePossible && cairn_sha256_is_quick()

    /// The same, by pairs in any case; the processor has to have the instructions.
    static func digestsByPairs(_ messages: [UnsafeRawBufferPointer]) -> [SHA256Digest] {
        withUnsafeTemporaryAllocation(byteCount: 2 * Lane.scratchBytes, alignment: 64) { scratch in
            var waiting = messages.enumerated().makeIterator()
            var digests = [SHA256Digest](
                repeating: SHA256Digest(word0: 0, word1: 0, word2: 0, word3: 0), count: messages.count)
            guard let start = scratch.baseAddress else { return digests }
            var (left, right) = (Lane(scratch: start), Lane(scratch: start + Lane.scratchBytes))
            while true {
                left.proceed(&waiting, &digests)
                right.proceed(&waiting, &digests)
                switch (left.blocks, right.blocks) {
                case (0, 0): return digests
                case (let blocks, 0):
                    cairn_sha256_one(left.state, left.next, blocks)
                    left.skip(blocks)
                case (0, let blocks):
                    cairn_sha256_one(right.state, right.next, blocks)
                    right.skip(blocks)
                case (let some, let others):
                    let blocks = min(some, others)
                    cairn_sha256_two(left.state, left.next, right.state, right.next, blocks)
                    left.skip(blocks)
                    right.skip(blocks)
                }
            }
        }
    }

    /// One of the two messages that are under way.
    private struct Lane {
        private static let blockBytes = 64
        private static let stateBytes = 32
        /// Room for the state and for the one or two blocks that end a message.
        static let scratchBytes = 192

        private static let firstState: [UInt32] = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
        ]

        let state: UnsafeMutablePointer<UInt32>
        private let ending: UnsafeMutableRawBufferPointer
        private var message: (offset: Int, element: UnsafeRawBufferPointer)?
        private var isEnding = false
        /// What comes next, and how many blocks of it; none where there is nothing left to do.
        private(set) var next: UnsafePointer<UInt8>?
        private(set) var blocks = 0

        init(scratch: UnsafeMutableRawPointer) {
            state = scratch.bindMemory(to: UInt32.self, capacity: Self.stateBytes / 4)
            ending = UnsafeMutableRawBufferPointer(start: scratch + Self.blockBytes, count: 2 * Self.blockBytes)
        }

        mutating func skip(_ count: Int) {
            next = next.map { $0 + count * Self.blockBytes }
            blocks -= count
        }

        /// Sees to it that there are blocks: those of the message, then those that end it, then those of another message.
        mutating func proceed(
            _ waiting: inout EnumeratedSequence<[UnsafeRawBufferPointer]>.Iterator, _ digests: inout [SHA256Digest]
        ) {
            while blocks == 0 {
                if let message, !isEnding { return end(message.element) }
                if let message { digests[message.offset] = digest }
                message = waiting.next()
                isEnding = false
                guard let message else { return }
                state.update(from: Self.firstState, count: Self.firstState.count)
                next = message.element.baseAddress?.assumingMemoryBound(to: UInt8.self)
                blocks = message.element.count / Self.blockBytes
            }
        }

        /// The rest of the message, a bit that is set, zeros, and the message's length in bits.
        private mutating func end(_ message: UnsafeRawBufferPointer) {
            let rest = message.count % Self.blockBytes
            blocks = rest < Self.blockBytes - 8 ? 1 : 2
            let end = blocks * Self.blockBytes
            ending[..<rest].copyBytes(from: message[(message.count - rest)...])
            ending[rest] = 0x80
            ending[(rest + 1)..<(end - 8)].initializeMemory(as: UInt8.self, repeating: 0)
            ending.storeBytes(of: (UInt64(message.count) * 8).bigEndian, toByteOffset: end - 8, as: UInt64.self)
            next = UnsafePointer(ending.baseAddress?.assumingMemoryBound(to: UInt8.self))
            isEnding = true
        }

        private var digest: SHA256Digest {
            func word(_ place: Int) -> UInt64 {
                UInt64(littleEndian: UInt64(state[2 * place].bigEndian) | UInt64(state[2 * place + 1].bigEndian) << 32)
            }
            return SHA256Digest(word0: word(0), word1: word(1), word2: word(2), word3: word(3))
        }
    }
}
