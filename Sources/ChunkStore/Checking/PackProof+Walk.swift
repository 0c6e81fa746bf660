import Posix

extension PackProof {
    /// Proves packs one after another; which of them are good is remembered. `onOutcome` gets what came of each, as soon as that is known;
    /// `onProgress` the bytes read so far, and how many there are to read.
    func prove(
        _ packs: [(name: PackName, bytes: UInt64)], remembering memory: VerifiedPacks, isCancelled: () -> Bool,
        onProgress: (_ done: UInt64, _ total: UInt64) -> Void, onOutcome: (Outcome) throws(StoreError) -> Void
    ) throws(StoreError) {
        let total = packs.reduce(UInt64(0)) { $0 + $1.bytes }
        var before: UInt64 = 0
        for pack in packs {
            try submit(pack.name, bytes: pack.bytes) { done in
                onProgress(before + done, total)
                return !isCancelled()
            }
            if isCancelled() { throw .cancelled }
            before += pack.bytes
            try settle(memory, onOutcome)
        }
        drain()
        try settle(memory, onOutcome)
    }

    private func settle(
        _ memory: VerifiedPacks, _ onOutcome: (Outcome) throws(StoreError) -> Void
    ) throws(StoreError) {
        for outcome in try takeOutcomes() {
            if case .good = outcome.verdict {
                memory.note(outcome.name, at: Machine.seconds)
            } else {
                memory.forget(outcome.name)
            }
            try onOutcome(outcome)
        }
    }
}
