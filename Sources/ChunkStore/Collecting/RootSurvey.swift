import Posix
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

    var ids: Set<String> { Set(items.map(\.root.id)) }

    /// Looks until two listings in a row agree, for a root that is forgotten or brought back meanwhile is in one of the two folders at any
    /// time, and could be in neither when each is listed. A root that cannot be read ends it: nobody can tell what that keeps.
    init(_ repository: Repository) throws(StoreError) {
        var names = try Self.names(repository)
        while true {
            var items: [String: Item] = [:]
            var isStable = true
            for id in names.kept {
                if let root = try Self.read(id, at: "\(Roots.folder)/\(id)", repository) {
                    items[id] = Item(root: root, forgotten: nil)
                } else {
                    isStable = false
                }
            }
            for name in names.forgotten where items[name.id]?.forgotten != nil || items[name.id] == nil {
                if let root = try Self.read(name.id, at: name.path, repository) {
                    items[name.id] = Item(root: root, forgotten: name.forgotten)
                } else {
                    isStable = false
                }
            }
            let again = try Self.names(repository)
            if isStable && again == names {
                self.items = items.values.sorted { ($0.root.written, $0.root.id) < ($1.root.written, $1.root.id) }
                return
            }
            names = again
        }
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
                error.code, "nobody can tell what a manifest keeps that cannot be read: \(error.message)",
                path: error.path,
                remedy: error.remedy
                    ?? "bring it back from a copy of the repository, or forget it: after that prune can go on")
        }
    }
}
