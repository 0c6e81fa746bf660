internal import Posix
internal import Storage

extension Store {
    /// Names what is to be kept, without a session and without the catalog: for roots whose chunks another root holds already, which
    /// is for the caller to know and is not checked here. The root is durable when this returns.
    ///
    /// With `replacing`, that root must still be there, and is removed when the new one is durable. If somebody else has removed it by then, the
    /// new one goes again, and this throws `.missing`. A crash in between leaves both. The lease is taken before the old root is looked at, so what it holds cannot be given away meanwhile.
    @discardableResult
    public func commit(
        _ name: [UInt8], references: [RootReference], payload: [UInt8] = [], replacing old: String? = nil
    ) throws(StoreError) -> Root {
        let lease = try Lease(for: "commit", in: repository.storage)
        defer { lease.release() }
        let roots = Roots(repository)
        if let old { _ = try roots.read(old) }
        let new = try roots.write(
            RootContent(name: name, written: Machine.nanoseconds, references: references, payload: payload),
            temporaryName: lease.temporaryName())
        if let old, old != new.id { try replace(old, by: new, roots) }
        return new
    }

    /// Removes a root that another has taken the place of. Where somebody has forgotten or replaced it meanwhile, what they did stands.
    private func replace(_ old: String, by new: Root, _ roots: Roots) throws(StoreError) {
        do throws(StoreError) { try roots.remove(old) } catch {
            guard error.code == .missing else { throw error }
            do throws(StoreError) { try roots.remove(new.id) } catch { if error.code != .missing { throw error } }
            throw StoreError(
                .missing, "root \(old.prefix(8)) was forgotten or replaced meanwhile, so nothing was changed",
                path: repository.storage.location, remedy: "list what there is now, and try again")
        }
    }
}
