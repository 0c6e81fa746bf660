import Bytes
import Posix
import Storage

/// Removes what dead operations left behind: their leases, claims and temporary files. Failing to is no failure: the
/// next one tries again.
struct Sweeper {
    /// On storage that other machines share, so long a claim of theirs counts as alive without a sign.
    static let foreignSeconds: Int64 = 24 * 3_600

    let storage: any Storage
    let own: Lease

    /// Sweeps once. The temporary files are listed first: whoever owns one of those had its lease before that.
    func sweep() {
        guard let temporary = try? storage.list(Lease.temporaryFolder, recursive: false),
            let leases = try? storage.list(Lease.folder, recursive: false)
        else { return }
        var fates: [String: Bool] = [own.id: true]
        for file in leases {
            let owner = String(file.lastComponent.prefix(32))
            guard isOwner(owner), file.lastComponent == owner || file.lastComponent == "\(owner).claim" else {
                continue
            }
            if fates[owner] == nil { fates[owner] = isAlive(owner) }
            if fates[owner] == false { removeLease(owner) }
        }
        for file in temporary {
            let owner = String(file.lastComponent.prefix(32))
            guard isOwner(owner), file.lastComponent.dropFirst(32).first == "." else { continue }
            if fates[owner] == nil { fates[owner] = isAlive(owner) || isBeingBorn(owner) }
            if fates[owner] == false { try? storage.remove(file.name) }
        }
    }

    private func isOwner(_ text: String) -> Bool { text.utf8.count == 32 && Hex.decode(text) != nil }

    /// Whether the lease of that name has a living owner. A storage that cannot tell gets the benefit of the doubt.
    private func isAlive(_ owner: String) -> Bool {
        let name = "\(Lease.folder)/\(owner)"
        if !storage.isLocal, let verdict = isForeignAlive(name) { return verdict }
        do throws(StorageError) {
            guard let lock = try storage.lock(name, create: false) else { return true }
            lock.release()
            return false
        } catch { return error.code != .notFound }
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

    /// On shared storage: the verdict on another machine's lease; nil where the lock decides.
    private func isForeignAlive(_ name: String) -> Bool? {
        let claimName = "\(name).claim"
        // A lease without a claim may be another machine's that is just being taken.
        guard let bytes = try? storage.read(claimName, limit: Limits.leaseClaimBytes) else { return isYoung(name) }
        let claim = LeaseClaim(bytes)
        if claim.host == Machine.hostName && claim.boot == Machine.bootID { return nil }
        return isYoung(claimName) ?? true
    }

    /// Whether a file has changed so lately, by the storage's clock, that its owner counts as alive; nil where that cannot be known.
    private func isYoung(_ name: String) -> Bool? {
        guard let changed = try? storage.modified(name),
            let now = try? storage.modified("\(Lease.folder)/\(own.id).claim")
        else { return nil }
        return now - changed < Self.foreignSeconds
    }

    private func removeLease(_ owner: String) {
        try? storage.remove("\(Lease.folder)/\(owner).claim")
        try? storage.remove("\(Lease.folder)/\(owner)")
    }
}
