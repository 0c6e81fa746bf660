internal import Cairn
internal import Posix

/// A folder that no snapshot holds. Its items keep their places as long as the mount lives, also while they are not shown.
final class LayoutFolder: Sendable {
    /// What a name stands for.
    enum Item: Sendable {
        case folder(LayoutFolder)
        case link(target: [UInt8])
        case snapshot(MountedSnapshot, isChanges: Bool)
    }

    private struct State {
        var items: [(name: [UInt8], item: Item)] = []
        /// The places of those that are shown.
        var places: [[UInt8]: Int] = [:]
        var modified = FileTime.now
    }

    private let state = Monitor(State())

    /// When what it shows changed last.
    var modified: FileTime { state.withLock { $0.modified } }

    /// How many folders of the layout it shows.
    var folderCount: Int {
        state.withLock { state in
            state.places.values.reduce(0) { if case .link = state.items[$1].item { $0 } else { $0 + 1 } }
        }
    }

    func find(_ name: [UInt8]) -> (place: Int, item: Item)? {
        state.withLock { state in state.places[name].map { ($0, state.items[$0].item) } }
    }

    /// What is or was at a place.
    func item(at place: Int) -> Item? {
        state.withLock { $0.items.indices.contains(place) ? $0.items[place].item : nil }
    }

    /// What is shown from a place on, in the order of places.
    func items(from place: Int) -> [(place: Int, name: [UInt8], item: Item)] {
        state.withLock { state in
            guard place < state.items.count else { return [] }
            return (place..<state.items.count).compactMap { place in
                let (name, item) = state.items[place]
                return state.places[name] == place ? (place, name, item) : nil
            }
        }
    }

    /// The folder of this name; made where there is none.
    func folder(_ name: [UInt8]) -> LayoutFolder {
        state.withLock { state in
            if let place = state.places[name], case .folder(let folder) = state.items[place].item { return folder }
            let folder = LayoutFolder()
            add(name, .folder(folder), &state)
            return folder
        }
    }

    /// Shows these snapshots under these names, and a link to the last of them. Those that were shown already keep their places.
    func show(_ snapshots: [(name: [UInt8], snapshot: MountedSnapshot)], isChanges: Bool, latest: [UInt8]?) {
        state.withLock { state in
            for (name, snapshot) in snapshots {
                if let place = state.places[name], case .snapshot(let known, _) = state.items[place].item,
                    known === snapshot
                {
                    continue
                }
                add(name, .snapshot(snapshot, isChanges: isChanges), &state)
            }
            let names = Set(snapshots.map(\.name))
            for (name, place) in state.places {
                if case .snapshot = state.items[place].item, !names.contains(name) { remove(name, &state) }
            }
            link(latest, &state)
        }
    }

    /// Shows the folders that something is in, and no others.
    func hideEmptyFolders() {
        state.withLock { state in
            for (name, place) in state.places {
                if case .folder(let folder) = state.items[place].item, folder.folderCount == 0 { remove(name, &state) }
            }
        }
    }

    /// A link called `latest` with this target, or none. Each target is an item of its own, for kernels remember where a link leads.
    func link(_ target: [UInt8]?) { state.withLock { link(target, &$0) } }

    private func link(_ target: [UInt8]?, _ state: inout State) {
        let name = Array("latest".utf8)
        if let place = state.places[name], case .link(let known) = state.items[place].item {
            if known == target { return }
            remove(name, &state)
        }
        if let target { add(name, .link(target: target), &state) }
    }

    private func add(_ name: [UInt8], _ item: Item, _ state: inout State) {
        state.places[name] = state.items.count
        state.items.append((name, item))
        state.modified = .now
    }

    private func remove(_ name: [UInt8], _ state: inout State) {
        state.places[name] = nil
        state.modified = .now
    }
}
