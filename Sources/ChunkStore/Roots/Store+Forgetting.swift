internal import Crypto
internal import Posix
internal import Storage

extension Store {
    /// Forgets a root: it is not listed any more, and can be brought back as long as nobody has given its space back. Its file is not read, so
    /// a damaged one can be forgotten too. Throws `.missing` where it is not there.
    public func forgetRoot(_ id: String) throws(StoreError) { try forgetRoots([id]) }

    /// Forgets roots in this order, up to the first failure. `done` is called with each that is forgotten; all of them are so durably when
    /// this returns.
    public func forgetRoots(_ ids: [String], _ done: (String) -> Void = { _ in }) throws(StoreError) {
        try Self.requireIDs(ids)
        let lease = try Lease(for: "forget", in: repository.storage)
        defer { lease.release() }
        let forgotten = ForgottenRoots(repository)
        var failure: StoreError?
        var isChanged = false
        for id in ids {
            do throws(StoreError) {
                try forgotten.take(id, at: Machine.seconds)
                isChanged = true
                done(id)
            } catch {
                failure = error
                break
            }
        }
        if isChanged {
            // The new names first: never may none be left.
            do throws(StoreError) { try synchronize(ForgottenRoots.folder, Roots.folder) } catch {
                throw failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// All forgotten roots that can be read, those forgotten first in front, and what hinders reading others. Where a forgetting or a
    /// bringing back was cut short, a root may be among them several times, and may also be among ``roots()``.
    public func forgottenRoots() throws(StoreError) -> (roots: [ForgottenRoot], failures: [StoreError]) {
        try ForgottenRoots(repository).all()
    }

    /// Brings a forgotten root back. Throws `.missing` where it is not among the forgotten ones; one that is there is left as it is.
    public func bringBackRoot(_ id: String) throws(StoreError) { try bringBackRoots([id]) }

    /// Brings forgotten roots back in this order, up to the first failure. `done` is called with each that is back; all of them are so
    /// durably when this returns.
    public func bringBackRoots(_ ids: [String], _ done: (String) -> Void = { _ in }) throws(StoreError) {
        try Self.requireIDs(ids)
        let lease = try Lease(for: "undelete", in: repository.storage)
        defer { lease.release() }
        let forgotten = ForgottenRoots(repository)
        let names = try forgotten.names()
        var failure: StoreError?
        var others: [ForgottenRoots.Name] = []
        var isChanged = false
        for id in ids {
            do throws(StoreError) {
                others += try forgotten.giveBack(id, of: names)
                isChanged = true
                done(id)
            } catch {
                failure = error
                break
            }
        }
        if isChanged {
            do throws(StoreError) {
                try synchronize(Roots.folder)
                try forgotten.drop(others)
                if !names.isEmpty { try synchronize(ForgottenRoots.folder) }
            } catch { throw failure ?? error }
        }
        if let failure { throw failure }
    }

    private func synchronize(_ folders: String...) throws(StoreError) {
        for folder in folders {
            try storing { () throws(StorageError) in try repository.storage.synchronize(folder) }
        }
    }

    private static func requireIDs(_ ids: [String]) throws(StoreError) {
        if let id = ids.first(where: { SHA256Digest(hex: $0) == nil }) {
            throw StoreError(.usage, "\"\(id)\" is not the id of a root")
        }
    }
}
