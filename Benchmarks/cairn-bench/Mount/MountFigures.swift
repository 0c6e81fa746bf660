/// What the tasks took, and how that compares.
struct MountFigures {
    private var seconds: [MountTask: [String: [Double]]] = [:]
    private var peaks: [String: Int] = [:]
    private var restores: [Double] = []

    mutating func note(_ task: MountTask, _ program: String, _ time: Double, _ peakBytes: Int) {
        seconds[task, default: [:]][program, default: []].append(time)
        peaks[program] = max(peaks[program] ?? 0, peakBytes)
    }

    mutating func noteRestore(_ time: Double) { restores.append(time) }

    /// Prints medians, ratios and goals.
    func show(goal: Double, restoreGoal: Double) {
        for task in MountTask.allCases {
            let medians = (seconds[task] ?? [:]).mapValues { Self.median($0) }
            guard let own = medians.first(where: { $0.key.hasPrefix("cairn") })?.value else { continue }
            for (name, time) in medians.sorted(by: { $0.value < $1.value }) {
                let ratio =
                    name.hasPrefix("cairn")
                    ? ""
                    : "  cairn: \((time / own).digits(2)) ×\(time / own >= goal ? "" : " MISSED (goal ≥ \(goal.digits(1)))")"
                print("\(task.rawValue), \(name): \(time.digits(3)) s\(ratio)")
            }
            if task == .sequential, !restores.isEmpty {
                let ratio = own / Self.median(restores)
                print(
                    "  restore of that file: \(Self.median(restores).digits(3)) s; reading takes \(ratio.digits(2)) × (goal ≤ \(restoreGoal.digits(1)))\(ratio <= restoreGoal ? "" : " MISSED")"
                )
            }
        }
        for (name, peak) in peaks.sorted(by: { $0.key < $1.key }) {
            print("memory, \(name): \(peak >> 20) MiB at most")
        }
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
