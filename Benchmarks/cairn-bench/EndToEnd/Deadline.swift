import Posix

/// When nothing more is begun: the machine of a stranger may be slow, and must not be busy for an hour.
struct Deadline {
    /// 0 for none.
    let minutes: Double
    private let end: Int64

    /// So many minutes from now.
    init(minutes: Double) {
        self.minutes = minutes
        end = Machine.monotonicNanoseconds + Int64(minutes * 60e9)
    }

    var isOver: Bool { isOver(after: 0) }

    /// Whether it will be over when so many more seconds have passed.
    func isOver(after seconds: Double) -> Bool {
        minutes > 0 && Machine.monotonicNanoseconds + Int64(seconds * 1e9) >= end
    }
}
