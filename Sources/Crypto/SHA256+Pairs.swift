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

    static let pairsAreQuick = pairsArePossible && cairn_sha256_is_quick()

    /// The same, by pairs in any case; the processor has to have the instructions. A message of which more is to come may go on beside them: so
    /// many `blocks` from `next` on, whose `state` is brought forward.
    static func digestsByPairs(
        _ messages: [UnsafeRawBufferPointer], beside endless: EndlessMessage? = nil
    ) -> [SHA256Digest] {
        withUnsafeTemporaryAllocation(byteCount: 2 * Lane.scratchBytes, alignment: 64) { scratch in
            var waiting = messages.enumerated().makeIterator()
            var digests = [SHA256Digest](
                repeating: SHA256Digest(word0: 0, word1: 0, word2: 0, word3: 0), count: messages.count)
            guard let start = scratch.baseAddress else { return digests }
            var left = Lane(scratch: start)
            var right = Lane(scratch: start + Lane.scratchBytes, beginningWith: endless)
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

    /// Whole blocks of a message that neither begins nor ends with them.
    struct EndlessMessage {
        let state: UnsafeMutablePointer<UInt32>
        let next: UnsafePointer<UInt8>?
        let blocks: Int
    }

    static let blockBytes = 64

    /// What the state is before the first block: FIPS 180-4, 5.3.3.
    static let firstState: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    /// The digest that a state of eight words spells.
    static func digest(of state: UnsafeMutablePointer<UInt32>) -> SHA256Digest {
        func word(_ place: Int) -> UInt64 {
            UInt64(littleEndian: UInt64(state[2 * place].bigEndian) | UInt64(state[2 * place + 1].bigEndian) << 32)
        }
        return SHA256Digest(word0: word(0), word1: word(1), word2: word(2), word3: word(3))
    }

    /// Writes what ends a message of so many bytes behind the `rest` bytes that lie in its last block already: a bit that is set, zeros, and the
    /// length in bits. Returns how many blocks that makes: one, or two.
    static func end(_ ending: UnsafeMutableRawBufferPointer, rest: Int, messageBytes: UInt64) -> Int {
        let blocks = rest < blockBytes - 8 ? 1 : 2
        let end = blocks * blockBytes
        ending[rest] = 0x80
        ending[(rest + 1)..<(end - 8)].initializeMemory(as: UInt8.self, repeating: 0)
        ending.storeBytes(of: (messageBytes * 8).bigEndian, toByteOffset: end - 8, as: UInt64.self)
        return blocks
    }

    /// One of the two messages that are under way.
    private struct Lane {
        private static let stateBytes = 32
        /// Room for the state and for the one or two blocks that end a message.
        static let scratchBytes = 192

        private let own: UnsafeMutablePointer<UInt32>
        private(set) var state: UnsafeMutablePointer<UInt32>
        private let ending: UnsafeMutableRawBufferPointer
        private var message: (offset: Int, element: UnsafeRawBufferPointer)?
        private var isEnding = false
        /// What comes next, and how many blocks of it; none where there is nothing left to do.
        private(set) var next: UnsafePointer<UInt8>?
        private(set) var blocks = 0

        init(scratch: UnsafeMutableRawPointer, beginningWith endless: EndlessMessage? = nil) {
            own = scratch.bindMemory(to: UInt32.self, capacity: Self.stateBytes / 4)
            ending = UnsafeMutableRawBufferPointer(start: scratch + blockBytes, count: 2 * blockBytes)
            state = endless?.state ?? own
            next = endless?.next
            blocks = endless?.blocks ?? 0
        }

        mutating func skip(_ count: Int) {
            next = next.map { $0 + count * blockBytes }
            blocks -= count
        }

        /// Sees to it that there are blocks: those of the message, then those that end it, then those of another message.
        mutating func proceed(
            _ waiting: inout EnumeratedSequence<[UnsafeRawBufferPointer]>.Iterator, _ digests: inout [SHA256Digest]
        ) {
            while blocks == 0 {
                if let message, !isEnding { return end(message.element) }
                if let message { digests[message.offset] = SHA256.digest(of: state) }
                message = waiting.next()
                isEnding = false
                guard let message else { return }
                state = own
                state.update(from: firstState, count: firstState.count)
                next = message.element.baseAddress?.assumingMemoryBound(to: UInt8.self)
                blocks = message.element.count / blockBytes
            }
        }

        /// The rest of the message, and what ends it.
        private mutating func end(_ message: UnsafeRawBufferPointer) {
            let rest = message.count % blockBytes
            ending[..<rest].copyBytes(from: message[(message.count - rest)...])
            blocks = SHA256.end(ending, rest: rest, messageBytes: UInt64(message.count))
            next = UnsafePointer(ending.baseAddress?.assumingMemoryBound(to: UInt8.self))
            isEnding = true
        }
    }
}
