internal import Storage

extension Store {
    /// Gives back the space of what no root needs. Others may read, write and forget meanwhile; only one prune runs at a time, and a second one
    /// throws `.busy`.
    ///
    /// `reach` is called with every root, and tells the marks of every chunk that it needs: what it refers to, and what the chunks of trees
    /// name in their turn. What it cannot read it must throw, and then nothing is deleted: nobody could tell what is needed.
    ///
    /// Whatever ends a prune early, nothing that a root needs is lost, and the next one goes on where this one was.
    public func prune(
        _ request: PruneRequest = PruneRequest(), progress: @escaping (PruneProgress) -> Void = { _ in },
        isCancelled: @escaping () -> Bool = { false },
        reach: @escaping (Root, Marks) throws(StoreError) -> Void
    ) throws(StoreError) -> PruneOutcome {
        let catalog = try catalog()
        if request.isRehearsal {
            return try Prune(
                repository, catalog: catalog, lease: nil, budget: budget, level: compression, request: request,
                progress: progress, isCancelled: isCancelled, reach: reach
            ).run()
        }
        let lease = try Lease(for: "prune", in: repository.storage)
        defer { lease.release() }
        let lock = try CondemnedPacks.lock(repository.storage, by: lease)
        defer { lock.release() }
        Sweeper(storage: repository.storage, own: lease).sweep()
        return try Prune(
            repository, catalog: catalog, lease: lease, budget: budget, level: compression, request: request,
            progress: progress, isCancelled: isCancelled, reach: reach
        ).run()
    }
}
