internal import Glibc

/// How far an operation has come, at one moment.
struct ProgressSnapshot: Hashable, Sendable {
    /// What is being done: `saving`, `reading packs`. Empty where there is nothing to tell apart.
    var phase = ""
    /// What is counted, where it is no files.
    var itemName = "file"
    var filesDone = 0
    /// Nil as long as it cannot be told.
    var filesTotal: Int?
    var bytesDone = 0
    /// Nil as long as it cannot be told.
    var bytesTotal: Int?
    /// What is being worked on; any bytes.
    var currentFile: [UInt8]?
    /// How many things went wrong so far.
    var errors = 0
    /// Whether the totals will not grow any more. Before that there is neither a share nor a time left.
    var isTotalFinal = false

    /// The share that is done, 0 … 1: of the bytes, or where there are none to count, of the files. Nil until the total
    /// is final.
    var share: Double? {
        guard isTotalFinal else { return nil }
        let counts = [(bytesDone, bytesTotal), (filesDone, filesTotal)]
        for case (let done, let total?) in counts where total > 0 {
            return min(max(Double(done) / Double(total), 0), 1)
        }
        return bytesTotal == nil && filesTotal == nil ? nil : 1
    }

    /// How long the rest takes at this rate; nil where that cannot be told.
    func secondsRemaining(bytesPerSecond: Double?) -> Double? {
        guard isTotalFinal, let bytesTotal, let bytesPerSecond, bytesPerSecond > 0 else { return nil }
        return Double(max(0, bytesTotal - bytesDone)) / bytesPerSecond
    }
}

/// How fast bytes come: an average in which what lies some seconds back counts less and less.
struct RateMeter: Sendable {
    private static let halfLifeSeconds = 5.0

    private var last: (bytes: Int, seconds: Double)?
    private var weightedRate = 0.0
    /// What all readings count together; it grows towards 1.
    private var weight = 0.0

    /// Bytes a second; nil until there is something to tell it from.
    var bytesPerSecond: Double? { weight > 0 ? weightedRate / weight : nil }

    /// Takes a reading: how many bytes were done, how many seconds after the start.
    mutating func add(bytes done: Int, at now: Double) {
        guard let before = last else {
            last = (done, now)
            return
        }
        let passed = now - before.seconds
        guard passed > 0 else { return }
        last = (done, now)
        let past = exp2(-passed / RateMeter.halfLifeSeconds)
        weightedRate = weightedRate * past + Double(max(0, done - before.bytes)) / passed * (1 - past)
        weight = weight * past + 1 - past
    }
}
