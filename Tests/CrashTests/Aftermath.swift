import ChunkStore
import Posix
import Storage
import TestSupport
import Testing

/// Something that a crash must not cause.
struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Scenario {
    /// What must hold at any time, given what had returned before.
    func expectKept(_ progress: Progress, on storage: any Storage) throws {
        if try progress.isCreated || storage.exists("config") {
            do { try expectHealthy(storage, credentials: credentials, roots: progress.roots) } catch let error
                as StoreError
            {
                throw Broken("it does not open: \(error)")
            }
        } else {
            // Nothing was promised; a key that was made may bring the config back, and that is all.
            do { _ = try Store.open(storage, credentials: credentials, options: .small(cache: nil)) } catch {
                guard error.code == .noRepository else { throw Broken("a making that did not end: \(error)") }
            }
        }
        if progress.hasSecondKey {
            do { _ = try Store.open(storage, credentials: [Self.secondKey], options: .small(cache: nil)) } catch {
                throw Broken("the second key, which had been added, opens nothing: \(error)")
            }
        }
    }

    /// Runs the scenario on what is there: it must reach its end, use every pack that is there, and leave nothing else behind.
    func expectCarriesOn(_ before: Progress, on storage: any Storage, cache: Path) throws {
        let packs = try storage.list("packs", recursive: true).map(\.name)
        var progress = Progress()
        do { try run(on: storage, cache: cache, progress: &progress) } catch {
            throw Broken("the next run fails: \(error)")
        }
        let health = try expectHealthy(storage, credentials: credentials, roots: before.roots + progress.roots)
        if health.duplicates > 0 {
            throw Broken("the next run stored \(health.duplicates) of \(health.chunks) chunks again")
        }
        let left = try storage.list("tmp", recursive: true) + storage.list("leases", recursive: true)
        if !left.isEmpty { throw Broken("not swept: \(left.map(\.name).joined(separator: ", "))") }
        let gone = Set(packs).subtracting(try storage.list("packs", recursive: true).map(\.name))
        if !gone.isEmpty { throw Broken("packs are gone: \(gone.sorted())") }
        if isEncrypted {
            do {
                _ = try Store.open(storage, credentials: [Self.secondKey], options: .small(cache: nil))
                throw Broken("the second key, which was removed, still opens")
            } catch let error as StoreError {
                guard error.code == .wrongKey else { throw error }
            }
        }
    }
}

/// Runs a check and, where it fails, says at which point of a sweep.
func checking(_ point: @autoclosure () -> String, _ failures: inout [String], _ body: () throws -> Void) {
    do { try body() } catch { failures.append("\(point()): \(error)") }
}

/// Fails the test with the first few of all failures.
func report(_ failures: [String], of points: Int, _ sweep: String) {
    print("\(sweep): \(points) points")
    guard !failures.isEmpty else { return }
    Issue.record(
        "\(sweep): \(failures.count) of \(points) points fail; the first:\n\(failures.prefix(6).joined(separator: "\n"))"
    )
}
