import Bytes
import Crypto
import Posix
import Storage

/// The folder of what is on its way out. What lies there is read by whoever still needs it, and counts as stored for nobody.
struct CondemnedPacks {
    static let folder = PackName.condemnedRoot
    static let lockName = "\(folder)/lock"

    let repository: Repository
    let catalog: Catalog
    let lease: Lease
    private var storage: any Storage { repository.storage }

    /// What was condemned together.
    struct Batch {
        /// Its record's name without the suffix.
        let name: String
        var record: CondemnedRecord
        /// The leases that lived when the packs had gone from sight.
        let witnesses: [String]
    }

    /// Who takes the lock.
    private static let commands: Set<String> = ["prune", "repair"]

    /// Takes the lock that lets one prune or repair at a time be at work.
    static func lock(_ storage: any Storage, by lease: Lease) throws(StoreError) -> any StorageLock {
        let roll = LeaseRoll(storage: storage, own: lease)
        func others() throws(StorageError) -> [LeaseHolder] {
            try roll.living().map(\.holder).filter { Self.commands.contains($0.command) }
        }
        do throws(StorageError) {
            if let lock = try storage.lock(lockName, create: true) {
                // Where locks come and go, another one of this machine may be at work without.
                if storage.isLocal { return lock }
                if try !others().contains(where: { roll.isRunningHere($0.id) }) { return lock }
                lock.release()
            }
        } catch {
            // Where there are no locks the leases tell. Of two that begin at the same moment each sees the other, and none goes on.
            guard error.code == .noLocks, !storage.isLocal else { throw StoreError(error) }
            if try storing({ () throws(StorageError) in try others() }).isEmpty { return NoLock() }
        }
        let other = (try? others())?.first
        let who = other.map { ": process \($0.pid) on \($0.host)" } ?? ""
        throw StoreError(
            .busy, "another prune or repair is running\(who)", path: storage.location, remedy: "wait until it has ended"
        )
    }

    private final class NoLock: StorageLock {
        func release() {}
    }

    // MARK: Condemning

    /// Takes packs out of sight, durably, and returns who may still rely on them.
    ///
    /// The record comes first, so that no pack is ever condemned without saying what had been looked at; leases are listed last: whoever
    /// has none by then sees the packs in no listing.
    ///
    /// `isLoss` says that chunks of theirs may be nowhere else: then nobody goes on trusting what is remembered of them.
    func condemn(_ packs: [PackName], marked roots: Set<String>, isLoss: Bool = false) throws(StoreError) -> Batch {
        let (name, record) = try write(
            CondemnedRecord(since: Machine.seconds, roots: roots, packs: packs, isLoss: isLoss))
        try storing { () throws(StorageError) in
            for pack in packs { try move(pack) }
            try storage.synchronize(Self.folder)
            for folder in Set(packs.map(\.folderPath)) { try storage.synchronize(folder) }
        }
        try catalog.synchronize(.all)
        return Batch(name: name, record: record, witnesses: try writeWitnesses(of: name))
    }

    /// A power failure may leave a pack under both of its names: then the one among the condemned ones, which is the same file, gives way.
    private func move(_ pack: PackName) throws(StorageError) {
        do throws(StorageError) { try storage.rename(pack.path, to: pack.condemnedPath) } catch {
            guard error.code == .exists else { throw error }
            try storage.remove(pack.condemnedPath)
            try storage.rename(pack.path, to: pack.condemnedPath)
        }
    }

    private func write(_ record: CondemnedRecord) throws(StoreError) -> (name: String, record: CondemnedRecord) {
        let name = Hex.encode(try encrypting { () throws(CryptoError) in try RandomBytes.bytes(16) })
        try storing { () throws(StorageError) in
            try storage.write(
                record.encoded, as: "\(Self.folder)/\(name)\(CondemnedRecord.suffix)",
                temporaryName: lease.temporaryName())
        }
        return (name, record)
    }

    /// Writes down who lives now.
    private func writeWitnesses(of name: String) throws(StoreError) -> [String] {
        try storing { () throws(StorageError) in
            let leases = try LeaseRoll(storage: storage, own: lease).living().map(\.holder.id)
            let file = "\(Self.folder)/\(name)\(CondemnedRecord.witnessSuffix)"
            if try storage.exists(file) { try storage.remove(file) }
            try storage.write(
                CondemnedRecord.encode(leases: leases), as: file, temporaryName: lease.temporaryName())
            return leases
        }
    }

    // MARK: What there is

    /// Everything that was condemned before, with the packs that still lie there. What a crash left unsaid is said now: packs of which no
    /// record tells were condemned by nobody who looked, so every root counts as unseen; and where no witnesses were written down, those are who
    /// lives now.
    func batches() throws(StoreError) -> [Batch] {
        let files = try storing { () throws(StorageError) in try storage.list(Self.folder, recursive: false) }
        var unclaimed = Set(files.compactMap { PackName(condemnedPath: $0.name) })
        var batches: [Batch] = []
        for file in files where file.name.hasSuffix(CondemnedRecord.suffix) {
            let name = String(file.lastComponent.dropLast(CondemnedRecord.suffix.count))
            guard LeaseRoll.isID(name), var record = try read(file.name).flatMap(CondemnedRecord.init) else { continue }
            record.packs = record.packs.filter { unclaimed.contains($0) }
            unclaimed.subtract(record.packs)
            let known = try read("\(Self.folder)/\(name)\(CondemnedRecord.witnessSuffix)").flatMap(
                CondemnedRecord.leases)
            let witnesses = if let known { known } else { try writeWitnesses(of: name) }
            batches.append(Batch(name: name, record: record, witnesses: witnesses))
        }
        let known = Set(batches.map(\.name))
        for file in files where file.name.hasSuffix(CondemnedRecord.witnessSuffix) {
            let name = String(file.lastComponent.dropLast(CondemnedRecord.witnessSuffix.count))
            guard LeaseRoll.isID(name), !known.contains(name) else { continue }
            // Its record went first, when the power failed.
            try storing { () throws(StorageError) in try storage.remove(file.name) }
        }
        if !unclaimed.isEmpty {
            let packs = unclaimed.sorted { $0.id < $1.id }
            let (name, record) = try write(CondemnedRecord(since: Machine.seconds, roots: [], packs: packs))
            batches.append(Batch(name: name, record: record, witnesses: try writeWitnesses(of: name)))
        }
        return batches
    }

    /// All packs that any record names, wherever they lie. A record whose prune died half-way names some that never left: those stay until it is
    /// ended, for its witnesses are older than whoever has relied on them since.
    func named() throws(StoreError) -> Set<PackName> {
        let files = try storing { () throws(StorageError) in try storage.list(Self.folder, recursive: false) }
        var packs: Set<PackName> = []
        for file in files where file.name.hasSuffix(CondemnedRecord.suffix) {
            packs.formUnion(try read(file.name).flatMap(CondemnedRecord.init)?.packs ?? [])
        }
        return packs
    }

    /// Takes packs that never left out of the records that name them: those who wrote these died before. As long as this is the lock's holder, nobody
    /// renames them, and without a record of old witnesses they can be condemned anew.
    func dropUnmoved() throws(StoreError) {
        let files = try storing { () throws(StorageError) in try storage.list(Self.folder, recursive: false) }
        for file in files where file.name.hasSuffix(CondemnedRecord.suffix) {
            guard var record = try read(file.name).flatMap(CondemnedRecord.init) else { continue }
            var gone: [PackName] = []
            for pack in record.packs
            where try storing({ () throws(StorageError) in try !storage.exists(pack.path) }) { gone.append(pack) }
            guard gone.count < record.packs.count else { continue }
            record.packs = gone
            try storing { () throws(StorageError) in
                try storage.replace(record.encoded, as: file.name, temporaryName: lease.temporaryName())
            }
        }
    }

    private func read(_ name: String) throws(StoreError) -> [UInt8]? {
        do throws(StorageError) { return try storage.read(name, limit: Limits.leaseClaimBytes) } catch {
            if error.code == .notFound { return nil }
            throw StoreError(error)
        }
    }

    /// Who may still rely on a batch. Empty: it can go, or come back.
    func holders(of batch: Batch) throws(StoreError) -> [LeaseHolder] {
        let living = try storing { () throws(StorageError) in
            try LeaseRoll(storage: storage, own: lease).living().map(\.holder)
        }
        return living.filter { batch.witnesses.contains($0.id) }
    }

    /// On storage that other machines share a lease may not be seen: there a batch also waits as long as a foreign lease counts without a sign.
    func isOfAge(_ batch: Batch) -> Bool {
        if storage.isLocal { return true }
        let record = "\(Self.folder)/\(batch.name)\(CondemnedRecord.suffix)"
        return LeaseRoll(storage: storage, own: lease).isYoung(record) == false
    }

    // MARK: Ending

    /// Brings packs back into sight, durably.
    func bringBack(_ packs: [PackName]) throws(StoreError) {
        if packs.isEmpty { return }
        try storing { () throws(StorageError) in
            for pack in packs { try storage.rename(pack.condemnedPath, to: pack.path) }
            for folder in Set(packs.map(\.folderPath)) { try storage.synchronize(folder) }
            try storage.synchronize(Self.folder)
        }
        try catalog.synchronize(.all)
    }

    /// Deletes a batch's packs that still lie there, and then what is written about it. Returns how much that was.
    func delete(_ batch: Batch, except kept: Set<PackName>) throws(StoreError) -> PruneOutcome.Amount {
        var amount = PruneOutcome.Amount()
        for pack in batch.record.packs where !kept.contains(pack) {
            do throws(StorageError) {
                let bytes = try storage.size(of: pack.condemnedPath)
                try storage.remove(pack.condemnedPath)
                amount.add(bytes)
            } catch {
                if error.code != .notFound { throw StoreError(error) }
            }
        }
        try storing { () throws(StorageError) in
            try storage.synchronize(Self.folder)
            for suffix in [CondemnedRecord.witnessSuffix, CondemnedRecord.suffix] {
                do throws(StorageError) { try storage.remove("\(Self.folder)/\(batch.name)\(suffix)") } catch {
                    if error.code != .notFound { throw error }
                }
            }
        }
        try catalog.synchronize(.all)
        return amount
    }
}
