import Storage

/// All roots that stand at one moment, forgotten ones too.
struct RootSurvey {
    struct Item {
        let root: Root
        /// When it was forgotten; nil while it is not.
        let forgotten: Int64?
    }

    /// Each root once: where it stands under several names, as one that is not forgotten, else as the one forgotten last.
    let items: [Item]

    /// Forgotten roots that cannot be read. Whoever forgot them wants nothing of them back, and so they need nothing.
    let hopeless: [ForgottenRoots.Name]

    /// All names, those forgotten first in front, of roots that stand in `forgotten/` alone.
    let forgotten: [ForgottenRoots.Name]

    /// The ids of all.
    var ids: Set<String> { Set(items.map(\.root.id) + hopeless.map(\.id)) }

    /// Looks until two listings in a row agree, for a root that is forgotten or brought back meanwhile is in one of the two folders at any
    /// time, and could be in neither when each is listed. A root
    /// that is not forgotten and cannot be read ends it: nobody can tell what that keeps.
    init(_ repository: Repository) throws(StoreError) {
        var names = try Self.names(repository)
        while true {
            var items: [String: Item] = [:]
            var hopeless: [ForgottenRoots.Name] = []
            var isStable = true
            for id in names.kept {
                if let root = try Self.read(id, at: "\(Roots.folder)/\(id)", repository) {
                    items[id] = Item(root: root, forgotten: nil)
                } else {
                    isStable = false
                }
            }
            for name in names.forgotten where items[name.id]?.forgotten != nil || items[name.id] == nil {
                do throws(StoreError) {
                    let root = try Roots(repository).read(name.id, at: name.path)
                    items[name.id] = Item(root: root, forgotten: name.forgotten)
                } catch {
                    switch error.code {
                    case .missing: isStable = false
                    case .damaged: hopeless.append(name)
                    default: throw error
                    }
                }
            }
            let again = try Self.names(repository)
            if isStable && again == names {
                self.hopeless = hopeless.filter { items[$0.id] == nil }
                forgotten = names.forgotten.filter { !names.kept.contains($0.id) }
                self.items = items.values.sorted { ($0.root.written, $0.root.id) < ($1.root.written, $1.root.id) }
                return
            }
            names = again
        }
    }

    private init(_ items: [Item], hopeless: [ForgottenRoots.Name], forgotten: [ForgottenRoots.Name]) {
        self.items = items
        self.hopeless = hopeless
        self.forgotten = forgotten
    }

    /// The same as if some more roots had been forgotten at this time.
    func supposing(forgotten ids: Set<String>, at seconds: Int64) -> RootSurvey {
        let items = items.map { item in
            ids.contains(item.root.id) ? Item(root: item.root, forgotten: item.forgotten ?? seconds) : item
        }
        let more = self.items.filter { $0.forgotten == nil && ids.contains($0.root.id) }.map {
            ForgottenRoots.Name(forgotten: seconds, id: $0.root.id)
        }
        return RootSurvey(items, hopeless: hopeless, forgotten: forgotten + more)
    }

    private struct Names: Equatable {
        var kept: Set<String> = []
        var forgotten: [ForgottenRoots.Name] = []
    }

    private static func names(_ repository: Repository) throws(StoreError) -> Names {
        Names(
            kept: Set(try Roots(repository).ids()), forgotten: try ForgottenRoots(repository).names())
    }

    private static func read(_ id: String, at name: String, _ repository: Repository) throws(StoreError) -> Root? {
        do throws(StoreError) { return try Roots(repository).read(id, at: name) } catch {
            if error.code == .missing { return nil }
            throw StoreError(
                error.code,
                "this manifest cannot be read, so nobody can tell what it keeps, and nothing is deleted: \(error.message)",
                path: error.path, remedy: Roots.remedy)
        }
    }
}
