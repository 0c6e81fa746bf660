import Bytes
import Crypto
import Posix
import Storage

/// A running operation's claim. It lives as long as its lock, thus at most as long as its process. Where the storage knows no locks, its process alone
/// tells whether it lives (`LeaseRoll`).
final class Lease: Sendable {
    static let folder = "leases"
    static let temporaryFolder = "tmp"

    /// 32 hexadecimal digits; they begin the names of all temporary files of the operation.
    let id: String
    private let storage: any Storage
    private let lock: (any StorageLock)?
    private let counter = Monitor(0)
    private let isReleased = Monitor(false)

    /// Takes a lease: a file that is locked before anybody can find it under its lasting name.
    init(for command: String, in storage: any Storage) throws(StoreError) {
        self.storage = storage
        id = Hex.encode(try encrypting { () throws(CryptoError) in try RandomBytes.bytes(16) })
        let temporaryName = "\(Self.temporaryFolder)/\(id).lease"
        let name = "\(Self.folder)/\(id)"
        lock = try storing { () throws(StorageError) -> (any StorageLock)? in
            // A sweeper may take the file for a dead one between its making and its lock; then another try is due. While it has the
            // lock it may be without a processor, so it gets time.
            for _ in 0..<100 {
                do throws(StorageError) {
                    let lock: (any StorageLock)?
                    do throws(StorageError) {
                        lock = try storage.lock(temporaryName, create: true)
                        if lock == nil {
                            Thread.rest(milliseconds: 10)
                            continue
                        }
                    } catch {
                        guard error.code == .noLocks, !storage.isLocal else { throw error }
                        lock = nil
                    }
                    try storage.rename(temporaryName, to: name)
                    return lock
                } catch {
                    if error.code != .notFound { throw error }
                }
            }
            throw StorageError(
                .failed, location: storage.location, name: name, reason: "the lease is taken away whenever it is made")
        }
        let claim = LeaseClaim(
            pid: Machine.processID, boot: Machine.bootID, host: Machine.hostName, command: command,
            since: Machine.seconds)
        try storing { () throws(StorageError) in try storage.append(claim.opening, to: "\(name).claim") }
    }

    /// A name for a file in flight, used for nothing else.
    func temporaryName() -> String {
        let number = counter.withLock { count in
            count += 1
            return count
        }
        return "\(Self.temporaryFolder)/\(id).\(number)"
    }

    /// Writes down, durably, that this pack is about to be published by us.
    func announce(_ pack: PackName) throws(StoreError) {
        try storing { () throws(StorageError) in
            try storage.append(LeaseClaim.line(for: pack), to: "\(Self.folder)/\(id).claim")
        }
    }

    /// Gives the lease up. What it left in `tmp/` is then anybody's to sweep.
    func release() {
        let isFirst = isReleased.withLock { isReleased in
            defer { isReleased = true }
            return !isReleased
        }
        guard isFirst else { return }
        try? storage.remove("\(Self.folder)/\(id).claim")
        try? storage.remove("\(Self.folder)/\(id)")
        lock?.release()
    }

    deinit { release() }
}
