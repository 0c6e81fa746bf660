/// Whether looking for bases is worth it: where large amounts were looked at in vain, the next ones are stored without a look, the more the longer
/// nothing was found. A file that is encrypted anew each day costs little more than its hashing that way.
struct DeltaOdds {
    private static let bytesMin = 8 << 20
    private static let shareMin = 1.0 / 32
    private static let pauseMax = 16

    private var pause = 0
    private var isPausedFor = 0

    /// Whether to look at the next generation.
    mutating func areWorthATry() -> Bool {
        if isPausedFor > 0 { isPausedFor -= 1 }
        return isPausedFor == 0
    }

    mutating func note(tried: Int, found: Int) {
        guard tried >= Self.bytesMin else { return }
        pause = Double(found) < Self.shareMin * Double(tried) ? min(Self.pauseMax, max(2, pause * 2)) : 0
        isPausedFor = pause
    }
}
