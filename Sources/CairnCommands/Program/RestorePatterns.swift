internal import Cairn
internal import CommandLine
internal import Posix

/// The patterns of a restore, and what they have met: which of them fit something, and whether anything was chosen. A pattern is often
/// mistyped, or anchored at another place than the one that is restored, and then a restore that did nothing looks like one that did its work.
final class RestorePatterns: Sendable {
    private struct Met {
        /// Includes that have fitted nothing yet. Each entry is held against all of them, so a file of patterns is one.
        var idle: [GivenPatterns.Part]
        /// Whether anything was chosen.
        var hasChosen = false
        /// Whether an exclude fitted anything.
        var hasLeftOut = false
    }

    private static let shownMax = 4

    private let includes: [GivenPatterns]
    private let excludes: [GivenPatterns]
    private let met: Monitor<Met>

    init(includes: [GivenPatterns], excludes: [GivenPatterns]) {
        self.includes = includes.filter { !$0.list.isEmpty }
        self.excludes = excludes.filter { !$0.list.isEmpty }
        met = Monitor(Met(idle: includes.flatMap(\.parts).filter(\.takesIn)))
    }

    /// What is restored: what the includes fit, or everything, without what the excludes fit.
    var selection: RestoreRequest.Selection {
        if includes.isEmpty && excludes.isEmpty { return .all }
        return RestoreRequest.Selection { [self] path, isDirectory in
            isSelected(path, isDirectory: isDirectory)
        } mayContainSelected: { [includes, excludes] path in
            if excludes.contains(where: { $0.list.isExcluded(path, isDirectory: true) }) { return false }
            return includes.isEmpty || includes.contains { $0.list.mayContainSelected(path) }
        }
    }

    private func isSelected(_ path: [UInt8], isDirectory: Bool) -> Bool {
        if excludes.contains(where: { $0.list.isExcluded(path, isDirectory: isDirectory) }) {
            met.withLock { $0.hasLeftOut = true }
            return false
        }
        let isSelected =
            includes.isEmpty || includes.contains { $0.list.isSelected(path, isDirectory: isDirectory) }
        // What is restored itself has no name here.
        if path.isEmpty { return isSelected }
        met.withLock { met in
            met.idle.removeAll { $0.list.verdict(of: path, isDirectory: isDirectory) != .none }
            if isSelected { met.hasChosen = true }
        }
        return isSelected
    }

    /// What should be known of patterns that fitted nothing, after all in that place was met; nil where there is nothing to say.
    func warning(in place: String) -> String? {
        let met = self.met.withLock { $0 }
        guard let said = sentence(met, place) else { return nil }
        return "\(said); \"cairn ls \(place)\" shows what there is"
    }

    private func sentence(_ met: Met, _ place: String) -> String? {
        if includes.isEmpty {
            if excludes.isEmpty || (met.hasLeftOut && met.hasChosen) { return nil }
            if !met.hasLeftOut { return "nothing in \(place) fits \(Self.shown(excludes.flatMap(\.parts)))" }
        }
        let isAll = !met.idle.isEmpty && met.idle.count == includes.flatMap(\.parts).count(where: \.takesIn)
        if met.hasChosen || isAll {
            if met.idle.isEmpty { return nil }
            // What lies in a folder that is left out is not looked at.
            let leavesOut = met.hasLeftOut || includes.contains { $0.list.patterns.contains(where: \.takesBack) }
            return "nothing in \(place)\(leavesOut ? " that is not left out" : "") fits \(Self.shown(met.idle))"
                + (met.hasChosen ? "" : ", so nothing is restored")
        }
        return "the patterns choose nothing in \(place), so nothing is restored"
    }

    /// The first of them, and how many more there are.
    private static func shown(_ parts: [GivenPatterns.Part]) -> String {
        var words = parts.prefix(shownMax).map(\.shown)
        if parts.count > shownMax { words.append("\(parts.count - shownMax) more") }
        let last = words.removeLast()
        return words.isEmpty ? last : "\(words.joined(separator: ", ")) or \(last)"
    }
}

/// The patterns of an option and, behind them, those of files that another option names.
struct GivenPatterns: Sendable {
    /// A pattern, or all those of a file, by itself.
    struct Part: Sendable {
        /// How it was given.
        let shown: String
        let list: PatternList

        /// Whether it can take in.
        var takesIn: Bool { list.patterns.contains { !$0.takesBack } }
    }

    /// Each by itself.
    let parts: [Part]
    /// All of them, of which the last that fits decides.
    let list: PatternList

    /// Understands the patterns of `--option`, and reads the files of `--option-file`.
    init(_ option: String, _ texts: [[UInt8]], files: [[UInt8]] = [], ignoringCase: Bool = false) throws {
        var parts: [Part] = []
        do throws(PatternError) {
            for text in texts {
                let list = PatternList([try PathPattern(text)], ignoringCase: ignoringCase)
                parts.append(Part(shown: "--\(option) \"\(PrintableText.escape(text))\"", list: list))
            }
        } catch { throw UsageError("\(error)") }
        for file in files.map({ Path($0) }) {
            let list = PatternList(try [PathPattern].read(file), ignoringCase: ignoringCase)
            parts.append(Part(shown: "--\(option)-file \(file.printable)", list: list))
        }
        self.parts = parts
        list = PatternList(parts.flatMap(\.list.patterns), ignoringCase: ignoringCase)
    }
}
