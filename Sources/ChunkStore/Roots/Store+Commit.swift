internal import Posix

extension Store {
    /// Names what is to be kept, without a session and without the catalog: for roots whose chunks another root holds already, which
    /// is for the caller to know and is not checked here. The root is durable when this returns.
    ///
    /// With `replacing`, that root must still be there, and is removed when the new one is durable. A crash in between leaves
    /// both. The lease is taken before the old root is looked at, so what it holds cannot be given away meanwhile.
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
        if let old, old != new.id { try roots.remove(old) }
        return new
    }
}
