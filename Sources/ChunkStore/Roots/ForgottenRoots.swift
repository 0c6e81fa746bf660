internal import Crypto
internal import Storage

/// A root that was forgotten and can come back.
public struct ForgottenRoot: Hashable, Sendable {
    /// The root as it was, and will be again.
    public let root: Root
    /// When it was forgotten: Unix seconds, by the clock of whoever did.
    public let forgotten: Int64
}

/// The files in `forgotten/`: roots under the name `<unix seconds>-<id>`.
///
/// Forgetting and bringing back are one rename each, and the folder with the new name is synchronised before the one with the old: a
/// crash leaves a root under one of its names, or, when the power fails, under both. Both are the same file then, for its id is its
/// hash; so a root counts as there wherever it stands in `manifests/`, and as forgotten at the latest of its times elsewhere.
struct ForgottenRoots {
    static let folder = "forgotten"

    /// The name of a forgotten root's file.
    struct Name: Hashable {
        let forgotten: Int64
        let id: String

        init(forgotten: Int64, id: String) {
            self.forgotten = forgotten
            self.id = id
        }

        /// Reads `<unix seconds>-<id>`; nil for anything else.
        init?(_ component: Substring) {
            let parts = component.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let first = parts[0].utf8.first, (0x30...0x39).contains(first),
                let forgotten = Int64(parts[0]), "\(forgotten)" == parts[0],
                SHA256Digest(hex: String(parts[1])) != nil
            else { return nil }
            self.init(forgotten: forgotten, id: String(parts[1]))
        }

        /// In the storage.
        var path: String { "\(ForgottenRoots.folder)/\(forgotten)-\(id)" }
    }

    private let repository: Repository
    private var storage: any Storage { repository.storage }

    init(_ repository: Repository) { self.repository = repository }

    /// The names of all files, those forgotten first in front.
    func names() throws(StoreError) -> [Name] {
        let files = try storing { () throws(StorageError) in try storage.list(Self.folder, recursive: false) }
        return files.compactMap { Name($0.lastComponent) }.sorted { ($0.forgotten, $0.id) < ($1.forgotten, $1.id) }
    }

    /// Every file that can be read, and what hinders reading the others.
    func all() throws(StoreError) -> (roots: [ForgottenRoot], failures: [StoreError]) {
        var roots: [ForgottenRoot] = []
        var failures: [StoreError] = []
        for name in try names() {
            do throws(StoreError) {
                let root = try Roots(repository).read(name.id, at: name.path)
                roots.append(ForgottenRoot(root: root, forgotten: name.forgotten))
            } catch {
                // One that vanished since the listing came back, or prune took it: no damage.
                if error.code != .missing { failures.append(error) }
            }
        }
        return (roots, failures)
    }

    // MARK: Moving

    /// Renames a root's file out of `manifests/`. Not durable yet.
    func take(_ id: String, at seconds: Int64) throws(StoreError) {
        let place = "\(Roots.folder)/\(id)"
        var seconds = max(0, seconds)
        while true {
            do throws(StorageError) {
                return try storage.rename(place, to: Name(forgotten: seconds, id: id).path)
            } catch {
                switch error.code {
                // Forgotten in this very second already, and back since: a second later serves as well.
                case .exists: seconds += 1
                case .notFound:
                    throw StoreError(
                        .missing, "there is no such root to be forgotten", path: "\(storage.location)/\(place)",
                        remedy: "it was forgotten or replaced meanwhile: list what there is now")
                default: throw StoreError(error)
                }
            }
        }
    }

    /// Renames a root's file back into `manifests/`, of several whole ones the one that was forgotten last. Returns the others, which are
    /// superfluous as soon as this is durable. Nothing is done where the root is there already.
    func giveBack(_ id: String, of names: [Name]) throws(StoreError) -> [Name] {
        let place = "\(Roots.folder)/\(id)"
        var copies = Array(names.filter { $0.id == id }.reversed())
        if copies.count > 1 {
            copies = copies.filter { isWhole(id, at: $0.path) } + copies.filter { !isWhole(id, at: $0.path) }
        }
        var isThere = try storing { () throws(StorageError) in try storage.exists(place) }
        var others: [Name] = []
        for copy in copies {
            if isThere {
                others.append(copy)
                continue
            }
            do throws(StorageError) {
                try storage.rename(copy.path, to: place)
                isThere = true
            } catch {
                switch error.code {
                case .notFound: continue
                case .exists:
                    isThere = true
                    others.append(copy)
                default: throw StoreError(error)
                }
            }
        }
        guard isThere else {
            throw StoreError(
                .missing, "root \(id) is not among the forgotten ones", path: "\(storage.location)/\(Self.folder)",
                remedy: "what prune has taken cannot come back; list what was forgotten to see what can")
        }
        return others
    }

    /// Removes further copies of a root that is back. As long as the file that is back does not prove itself by its hash, they stay.
    func drop(_ copies: [Name]) throws(StoreError) {
        for copy in copies where isWhole(copy.id, at: "\(Roots.folder)/\(copy.id)") {
            do throws(StorageError) { try storage.remove(copy.path) } catch {
                if error.code != .notFound { throw StoreError(error) }
            }
        }
    }

    func isWhole(_ id: String, at name: String) -> Bool {
        guard let file = try? storage.read(name, limit: Limits.recordFileBytes) else { return false }
        return SHA256.digest(file).hex == id
    }
}
