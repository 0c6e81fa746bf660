internal import Cairn
internal import CommandLine
internal import Posix

/// The files that a restore cannot give back because what is stored is damaged or gone, for people: each damaged pack once, then the files by
/// their paths alone, and not too many of either. JSON has all of both. Any thread may call.
final class LossReport: Sendable {
    private struct State {
        var places: Set<Path> = []
        var items = 0
    }

    private static let shownMax = 50

    private let console: Console
    private let state = Monitor(State())

    init(_ console: Console) { self.console = console }

    /// A file or folder is lost, because of this.
    func tell(_ item: ItemFailure, because damage: CairnError) {
        let place = damage.path ?? Path("")
        let (isNewPlace, items) = state.withLock { state in
            state.items += 1
            let isNew = state.places.count < Self.shownMax && state.places.insert(place).inserted
            return (isNew, state.items)
        }
        if isNewPlace {
            let prefix = place.bytes.isEmpty ? "" : "\(place.printable): "
            console.error(prefix + PrintableText.escape(damage.message))
        }
        guard items <= Self.shownMax else { return }
        let stays = item.staysAsBefore ? " (what was there before stays)" : ""
        console.error("\(item.path.printable)\(stays)", heading: "lost:")
    }

    /// Says how many were not shown, and where they may still be.
    func end() {
        let items = state.withLock { $0.items }
        if items == 0 || console.isJSON { return }
        if items > Self.shownMax {
            console.error("and \(items - Self.shownMax) more: --json names all", heading: "lost:")
        }
        console.note("\"cairn repair --from COPY\" brings back what a copy of the repository still has")
    }
}
