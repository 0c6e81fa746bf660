import Bytes
import Posix
import Storage

/// A running operation, as others see it.
public struct LeaseHolder: Hashable, Sendable {
    /// The lease's name: 32 hexadecimal digits.
    public let id: String
    /// The process, on its machine; 0 where that is not known.
    public let pid: Int32
    /// The machine.
    public let host: String
    /// What it does.
    public let command: String
    /// Since when, Unix seconds by its own clock.
    public let since: Int64
}

/// Who holds a lease now. Whoever cannot be judged counts as alive.
struct LeaseRoll {
    /// On storage that other machines share, so long a claim of theirs counts as alive without a sign.
    static let foreignSeconds: Int64 = 24 * 3_600

    let storage: any Storage
    /// The lease of whoever asks, which is not counted; nil where that has none.
    let own: Lease?

    /// The names of all leases that lie there, dead ones too.
    func ids() throws(StorageError) -> Set<String> {
        var ids: Set<String> = []
        for file in try storage.list(Lease.folder, recursive: false) {
            let owner = String(file.lastComponent.prefix(32))
            if Self.isID(owner), file.lastComponent == owner { ids.insert(owner) }
        }
        return ids
    }

    /// The living leases but our own, with what they claim.
    func living() throws(StorageError) -> [(holder: LeaseHolder, packs: [PackName])] {
        var living: [(LeaseHolder, [PackName])] = []
        for id in try ids().sorted() where id != own?.id && isAlive(id) {
            let bytes = try? storage.read("\(Lease.folder)/\(id).claim", limit: Limits.leaseClaimBytes)
            let claim = LeaseClaim(bytes ?? [])
            living.append(
                (
                    LeaseHolder(
                        id: id, pid: claim.pid, host: claim.host, command: claim.command, since: claim.since),
                    claim.packs
                ))
        }
        return living
    }

    /// The packs that the living leases but our own claim.
    func packs() throws(StorageError) -> Set<PackName> { Set(try living().flatMap(\.packs)) }

    /// Whether the lease of that name has a living owner. A storage that cannot tell gets the benefit of the doubt.
    func isAlive(_ id: String) -> Bool {
        let name = "\(Lease.folder)/\(id)"
        if !storage.isLocal, let verdict = isForeignAlive(name) { return verdict }
        do throws(StorageError) {
            guard let lock = try storage.lock(name, create: false) else { return true }
            lock.release()
            // Where locks come and go its owner may have got none: then its process tells.
            return !storage.isLocal && isRunningHere(id)
        } catch {
            if error.code == .noLocks, let pid = ownMachine(name) { return Machine.isRunning(pid) }
            return error.code != .notFound
        }
    }

    /// Whether the process that a lease says it belongs to runs on this machine, with a lock or without.
    func isRunningHere(_ id: String) -> Bool { ownMachine("\(Lease.folder)/\(id)").map(Machine.isRunning) ?? false }

    /// Whether a file was changed less than a day ago by the storage's own clock; nil where that cannot be known.
    func isYoung(_ name: String) -> Bool? {
        guard let own, let changed = try? storage.modified(name),
            let now = try? storage.modified("\(Lease.folder)/\(own.id).claim")
        else { return nil }
        return now - changed < Self.foreignSeconds
    }

    static func isID(_ text: String) -> Bool { text.utf8.count == 32 && Hex.decode(text) != nil }

    /// On shared storage: the verdict on another machine's lease; nil where the lock decides.
    private func isForeignAlive(_ name: String) -> Bool? {
        let claimName = "\(name).claim"
        // A lease without a claim may be another machine's that is just being taken.
        guard let bytes = try? storage.read(claimName, limit: Limits.leaseClaimBytes) else { return isYoung(name) }
        return LeaseClaim(bytes).isOfThisMachine ? nil : isYoung(claimName) ?? true
    }

    /// The process that a lease says it belongs to; nil where that is another machine's, or nothing is said.
    private func ownMachine(_ name: String) -> Int32? {
        guard let bytes = try? storage.read("\(name).claim", limit: Limits.leaseClaimBytes) else { return nil }
        let claim = LeaseClaim(bytes)
        return claim.isOfThisMachine ? claim.pid : nil
    }
}
