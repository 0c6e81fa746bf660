import Bytes
import Posix
import Storage

/// Removes what dead operations left behind: their leases, claims and temporary files. Failing to is no failure: the
/// next one tries again.
struct Sweeper {
    let storage: any Storage
    let own: Lease

    /// Sweeps once. The temporary files are listed first: whoever owns one of those had its lease before that.
    func sweep() {
        guard let temporary = try? storage.list(Lease.temporaryFolder, recursive: false),
            let leases = try? storage.list(Lease.folder, recursive: false)
        else { return }
        let roll = LeaseRoll(storage: storage, own: own)
        var fates: [String: Bool] = [own.id: true]
        for file in leases {
            let owner = String(file.lastComponent.prefix(32))
            guard LeaseRoll.isID(owner), file.lastComponent == owner || file.lastComponent == "\(owner).claim" else {
                continue
            }
            if fates[owner] == nil { fates[owner] = roll.isAlive(owner) }
            if fates[owner] == false { removeLease(owner) }
        }
        for file in temporary {
            let owner = String(file.lastComponent.prefix(32))
            guard LeaseRoll.isID(owner), file.lastComponent.dropFirst(32).first == "." else { continue }
            if fates[owner] == nil { fates[owner] = roll.isAlive(owner) || isBeingBorn(owner) }
            if fates[owner] == false { try? storage.remove(file.name) }
        }
    }

    /// A lease that is locked and not yet renamed.
    private func isBeingBorn(_ owner: String) -> Bool {
        do throws(StorageError) {
            guard let lock = try storage.lock("\(Lease.temporaryFolder)/\(owner).lease", create: false) else {
                return true
            }
            lock.release()
            return false
        } catch { return error.code != .notFound }
    }

    private func removeLease(_ owner: String) {
        try? storage.remove("\(Lease.folder)/\(owner).claim")
        try? storage.remove("\(Lease.folder)/\(owner)")
    }
}
